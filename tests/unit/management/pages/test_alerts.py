from dataclasses import replace

from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.capacity import Capacity, Rules, capacity_of
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.pages.alerts import Alert, alerts_of
from consoleproxy.management.pages.certificate_rows import CertificateRow, ServedCertificates
from consoleproxy.management.pages.proxy_rows import LoadBar, ProxyRow


def capacity(load: int, *, running: bool = True) -> Capacity:
    state = ProxyState.RUNNING if running else ProxyState.DISCONNECTED
    return capacity_of([Candidate("v-1", state, 50, load)], Rules(10, 50, 10))


def proxy(name: str, mood: str) -> ProxyRow:
    return ProxyRow(name, "", "", mood, LoadBar(0, 0, 50), "")


def certificate(left: str, mood: str) -> ServedCertificates:
    row = CertificateRow("Server", "*.example.org", "", "", "", 0.0, left, mood)
    return ServedCertificates((row,), ("renew it",))


def alerts(
    capacity: Capacity,
    *proxies: ProxyRow,
    certificates: ServedCertificates | None = None,
    refused: bool = False,
    hypervisors: tuple[str, ...] = (),
) -> list[Alert]:
    served = ServedCertificates() if certificates is None else certificates
    return alerts_of(capacity, CapacityAlarm(raised=refused), proxies, served, hypervisors)


def test_nothing_to_say() -> None:
    assert alerts(capacity(0), proxy("v-1", "good"), proxy("v-2", "idle")) == []


def test_no_capacity() -> None:
    assert alerts(capacity(50)) == [Alert("bad", "All console proxies are full.", "/proxies")]
    assert alerts(capacity(50), refused=True)[0].text.endswith(", and consoles are refused.")
    assert alerts(capacity(0, running=False))[0].text == "No console proxy is connected."


def test_more_are_wanted() -> None:
    (alert,) = alerts(capacity(45))
    assert alert.mood == "warn"
    assert alert.text == (
        "2 console proxies are wanted, 1 run: only 5 sessions are free, and 10 are to be kept free."
    )


def test_silent_proxies() -> None:
    (alert,) = alerts(capacity(0), proxy("v-1", "bad"))
    assert alert.text == "1 console proxy is silent: v-1."
    (alert,) = alerts(capacity(0), *(proxy(f"v-{n}", "bad") for n in range(5)))
    assert alert.text == "5 console proxies are silent: v-0, v-1, v-2 and 2 more."


def test_hypervisors_that_do_not_answer() -> None:
    (alert,) = alerts(capacity(0), hypervisors=("qemu+tls://kvm1/system",))
    text = "1 hypervisor does not answer: qemu+tls://kvm1/system."
    assert alert == Alert("warn", text, "/machines")
    (alert,) = alerts(capacity(0), hypervisors=("a", "b", "c", "d"))
    assert alert.text == "4 hypervisors do not answer: a, b, c and 1 more."


def test_proxies_that_run_with_other_values() -> None:
    names = ("consoleproxy.port", "consoleproxy.workers")
    waiting = [replace(proxy(f"v-{n}", "good"), waiting=names[: n + 1]) for n in range(2)]
    (alert,) = alerts(capacity(0), *waiting, proxy("v-3", "good"))
    assert alert.mood == "warn"
    assert alert.text == (
        "2 console proxies go by consoleproxy.port, consoleproxy.workers only when started anew: "
        "v-0, v-1."
    )


def test_certificates_and_the_worst_first() -> None:
    found = alerts(
        capacity(0), proxy("v-1", "bad"), certificates=certificate("12 days left", "warn")
    )
    assert [alert.mood for alert in found] == ["bad", "warn"]
    assert found[1].text == "The certificate for *.example.org expires soon: 12 days left."
    chain = ServedCertificates(certificate("12 days left", "warn").rows * 3)
    (alert,) = alerts(capacity(0), certificates=chain)
    assert alert.text.endswith("expires soon: 12 days left, and 2 more of its chain.")
    (alert,) = alerts(capacity(0), certificates=certificate("expired 2 days ago", "bad"))
    assert alert.text == "The certificate for *.example.org expired 2 days ago."
    (alert,) = alerts(capacity(0), certificates=certificate("90 days left", "good"))
    assert alert.text == "The certificate that is served needs a look."
