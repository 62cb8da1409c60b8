"""Sockets that can be awaited, plain and TLS, and what they say when there is nothing."""

import asyncio
import datetime
import select
import socket
import ssl
import threading

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.development import development_keystore
from consoleproxy.wire import Wire, close_in_order, receive_into, receive_some, send_some


def test_nothing_yet_is_none_and_the_end_is_empty() -> None:
    near, far = socket.socketpair()
    with near:
        near.setblocking(False)
        buffer = memoryview(bytearray(10))
        assert receive_some(near, 10) is None
        assert receive_into(near, buffer) is None
        far.sendall(b"abc")
        assert receive_some(near, 10) == b"abc"
        far.close()
        assert receive_some(near, 10) == b""
        assert receive_into(near, buffer) == 0


def test_a_full_socket_takes_a_part() -> None:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        data = bytes(10_000_000)
        sent = send_some(near, data)
        assert 0 < sent < len(data)
        while send_some(near, data):
            """Fill it to the brim."""
        assert send_some(near, data) == 0


def test_a_broken_connection_is_an_os_error() -> None:
    near, far = socket.socketpair()
    with near:
        near.setblocking(False)
        far.close()
        with pytest.raises(OSError):
            send_some(near, b"x")


def test_large_data_crosses_while_the_loop_goes_on() -> None:
    data = bytes(range(256)) * 40_000

    async def story() -> bytes:
        near, far = socket.socketpair()
        sender, receiver = Wire(near), Wire(far)
        sending = asyncio.get_running_loop().create_task(sender.send(data), name="send")
        received = bytearray()
        while len(received) < len(data):
            received += await receiver.receive()
        await sending
        sender.close()
        assert await receiver.receive() == b""
        receiver.close()
        return bytes(received)

    assert asyncio.run(story()) == data


def test_a_cancelled_receive_leaves_no_reader() -> None:
    async def story() -> None:
        near, far = socket.socketpair()
        with far:
            wire = Wire(near)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await wire.receive()
            assert not asyncio.get_running_loop().remove_reader(near)
            far.sendall(b"later")
            assert await wire.receive() == b"later"
            wire.close()
            wire.close()

    asyncio.run(story())


def _tls_pair() -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
    """Return a served socket and its client's."""
    keystore = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))
    trusting = ssl.create_default_context(
        cadata="".join(root.public_bytes(Encoding.PEM).decode() for root in keystore.roots)
    )
    near, far = socket.socketpair()
    clients: list[ssl.SSLSocket] = []
    shaking = threading.Thread(
        target=lambda: clients.append(trusting.wrap_socket(far, server_hostname="localhost"))
    )
    shaking.start()
    served = server_context(keystore).wrap_socket(near, server_side=True)
    shaking.join()
    return served, clients[0]


def test_tls_is_the_same() -> None:
    served, client = _tls_pair()
    data = bytes(2_000_000)

    async def story() -> None:
        wire = Wire(served)
        received = bytearray()

        def read() -> None:
            while len(received) < len(data):
                received.extend(client.recv(65536))

        reading = threading.Thread(target=read)
        reading.start()
        await wire.send(data)
        await asyncio.to_thread(reading.join)
        assert received == data
        client.sendall(b"up")
        assert await wire.receive() == b"up"
        assert wire.detach() is served

    asyncio.run(story())
    client.close()
    served.close()


def test_tls_fills_the_buffer_with_all_there_is() -> None:
    served, client = _tls_pair()
    with served, client:
        served.setblocking(False)
        client.sendall(bytes(40_000))
        buffer = memoryview(bytearray(512 * 1024))
        assert receive_into(served, buffer) == 40_000
        assert receive_into(served, buffer) is None
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_RDWR)
        assert receive_into(served, buffer) == 10
        assert receive_into(served, buffer) == 0


def test_tls_that_ends_without_the_connection_is_seen_to_end() -> None:
    served, client = _tls_pair()
    with served:
        served.setblocking(False)
        client.sendall(b"last words")
        client.setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        with client:
            assert receive_into(served, memoryview(bytearray(512 * 1024))) == 10
            assert select.select([served], [], [], 10)[0] == [served]
            assert receive_into(served, memoryview(bytearray(10))) == 0


def test_tls_leaves_no_part_of_a_record_behind() -> None:
    served, client = _tls_pair()
    with served, client:
        served.setblocking(False)
        client.sendall(bytes(100_000))
        buffer = memoryview(bytearray(40_000))
        while receive_into(served, buffer):
            assert served.pending() == 0


def test_tls_starts_in_the_middle_of_a_stream() -> None:
    keystore = development_keystore("console.example.test", datetime.datetime.now(datetime.UTC))
    trusting = ssl.create_default_context(
        cadata="".join(root.public_bytes(Encoding.PEM).decode() for root in keystore.roots)
    )
    near, far = socket.socketpair()

    def serve() -> None:
        far.sendall(b"plain")
        with server_context(keystore).wrap_socket(far, server_side=True) as tls:
            tls.sendall(b"secret")
            tls.recv(1)

    async def story() -> None:
        wire = Wire(near)
        assert await wire.receive() == b"plain"
        assert wire.tls_version == ""
        await wire.start_tls(trusting, "localhost")
        assert wire.tls_version == "TLSv1.3"
        assert await wire.receive() == b"secret"
        with pytest.raises(TypeError, match="once"):
            await wire.start_tls(trusting, "localhost")
        close_in_order(wire.detach())

    serving = threading.Thread(target=serve)
    serving.start()
    asyncio.run(story())
    serving.join()


def test_tls_that_fails_leaves_nothing_open() -> None:
    near, far = socket.socketpair()

    async def story() -> int:
        wire = Wire(near)
        with pytest.raises(ssl.SSLError):
            await wire.start_tls(ssl.create_default_context(), "localhost")
        wire.close()
        return wire.detach().fileno()

    with far:
        far.sendall(b"this is no TLS")
        assert asyncio.run(story()) == -1
