from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.told import all_told, listing, secrets_of, settings_told
from consoleproxy.settings import declared_settings

KERNEL = (
    "quiet name=v-2-VM authorized_key=QUJDREVG vmpassword=hush eth2ip=203.0.113.9 "
    "session_reconnection_window=45000 localgw=10.1.1.254"
)
AGENT = "name=other\npod=1\nkeystore.passphrase=hush2\nbackoff.seconds=7\n"
PROXY = (
    "pod=default\nconsoleproxy.httpListenPort=80\nconsoleproxy.httpCmdListenPort=8002\n"
    "consoleproxy.session.max=20\nconsoleproxy.reconnectMaxRetry=5\n"
)


def test_who_told_what() -> None:
    told = all_told(KERNEL, AGENT, PROXY)
    assert (told["name"].value, told["name"].source) == ("v-2-VM", "boot arguments")
    assert (told["pod"].value, told["pod"].source) == ("1", "agent.properties")
    assert told["consoleproxy.reconnectMaxRetry"].source == "consoleproxy.properties"
    assert "quiet" not in told


def test_the_listing_has_no_secret() -> None:
    told = all_told(KERNEL, AGENT, PROXY)
    lines = list(listing(told))
    assert "name = v-2-VM  (boot arguments)" in lines
    assert "authorized_key = ***  (boot arguments)" in lines
    assert "keystore.passphrase = ***  (agent.properties)" in lines
    text = "\n".join(lines)
    assert secrets_of(told) == {"QUJDREVG", "hush", "hush2"}
    assert not [secret for secret in secrets_of(told) if secret in text]


def test_settings() -> None:
    assert (
        settings_told(all_told(KERNEL, AGENT, PROXY)).items()
        >= {
            "consoleproxy.name": "v-2-VM",
            "consoleproxy.public.address": "203.0.113.9",
            "consoleproxy.agent.backoff": "7000",
            "consoleproxy.cmd.port": "8002",
            "consoleproxy.session.max": "20",
            "consoleproxy.session.reconnection.window": "45000",
        }.items()
    )


def test_the_page_port_that_cloudstack_has_anyway_decides_nothing() -> None:
    name = "consoleproxy.httpListenPort"
    assert name not in settings_told(all_told("", "", f"{name}=80"))
    assert name not in settings_told(all_told("", "", f"{name}=443"))
    assert settings_told(all_told("", "", f"{name}=8088"))[name] == "8088"


def test_the_public_address() -> None:
    name = "consoleproxy.public.address"
    assert settings_told(all_told("eth2ip=203.0.113.9 public.ip=198.51.100.9"))[name] == (
        "198.51.100.9"
    )
    assert settings_told(all_told("eth2ip=2001:db8::9"))[name] == "2001:db8::9"
    assert name not in settings_told(all_told("eth2ip=0.0.0.0"))
    assert name not in settings_told(all_told("eth2ip=x"))


@given(st.text(), st.text(), st.text())
def test_anything(kernel: str, agent: str, consoleproxy: str) -> None:
    told = all_told(kernel, agent, consoleproxy)
    known = {declared.setting.name for declared in declared_settings()}
    assert set(settings_told(told)) <= known
    assert all(line.isprintable() for line in listing(told))
