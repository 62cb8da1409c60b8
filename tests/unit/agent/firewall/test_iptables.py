"""What is written; tests/integration/test_agent_firewall.py has the real iptables."""

from consoleproxy.agent.firewall.iptables import rules
from consoleproxy.agent.firewall.opening import Opening


def test_only_our_chain_is_named() -> None:
    lines = list(rules([Opening("eth2", (443, 8443)), Opening("eth1", (8001,))]))
    assert lines == [
        "*filter",
        ":CONSOLEPROXY - [0:0]",
        "-A CONSOLEPROXY -i eth2 -p tcp -m tcp --dport 443 -j ACCEPT",
        "-A CONSOLEPROXY -i eth2 -p tcp -m tcp --dport 8443 -j ACCEPT",
        "-A CONSOLEPROXY -i eth1 -p tcp -m tcp --dport 8001 -j ACCEPT",
        "COMMIT",
    ]
