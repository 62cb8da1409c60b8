"""The RFB login of RFC 6143 sections 7.1 to 7.3, in both roles, without I/O or clock.

::

    hypervisor <-> client.ClientLogin    ServerInit ->    server.ServerLogin <-> browser

A login takes bytes (``receive_data``), has bytes to send (``data_to_send``), and ends with a
ServerInit, or with an error of ``consoleproxy.errors``. Bytes that came behind the login are handed
over whole (``trailing_data``): from then on both sides are plain streams.

``client`` and ``server`` each hold one conversation as a generator that reads like the RFC. It asks
``reader`` for exact counts of bytes, so a read that was cut anywhere costs no thought, and nothing
is buffered without a limit. Where it asks for TLS instead of bytes, the driver starts that
(``start_tls``, ``tls_started``), as nothing here touches a socket. ``messages`` is what is said.

Our viewer says its first messages with its request: ``opening`` reads them.

Towards the hypervisor, ``policy`` is what the operator allows, ``choice`` picks the best of what is
offered, and ``security`` says what that kind needs; ``challenge`` is VNC Authentication's DES. Two
security types wrap others: ``vencrypt`` and ``tight``.
"""
