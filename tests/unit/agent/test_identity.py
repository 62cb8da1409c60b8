from consoleproxy.agent.identity import RESOURCE, Identity, Interface


def test_what_is_not_known_is_empty() -> None:
    identity = Identity(
        zone="1", pod="1", guid="Proxy.2", name="v-2-VM", proxy_vm_id=2, version="4.20.1.0"
    )
    assert identity.public == Interface(address="", netmask="", mac="")
    assert (identity.port, identity.gateway, identity.architecture) == (80, "", "")
    assert RESOURCE == "ConsoleProxyResource"
