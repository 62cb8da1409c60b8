"""A proxy in the place of CloudStack's own: the agent that its management server talks to."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.settings import declare
from consoleproxy.settings.service import ServiceSettings


@dataclass(frozen=True, slots=True)
class AgentSettings(ServiceSettings):
    """What ``consoleproxy agent`` goes by, beside the boot arguments."""

    GROUP: ClassVar = "CloudStack's agent"

    agent_folder: str = declare.text(
        "consoleproxy.agent.folder",
        "/usr/local/cloud/systemvm/conf",
        "Folder with agent.properties, consoleproxy.properties, and the agent's certificate: "
        "cloud.crt, cloud.key, cloud.ca.crt.",
    )
    agent_state_file: str = declare.text(
        "consoleproxy.agent.state.file",
        "/var/lib/consoleproxy/agent.json",
        "File in which the agent remembers its number and its management servers.",
    )
    agent_back_off: int = declare.milliseconds(
        "consoleproxy.agent.backoff",
        5000,
        "Time between two attempts to reach a management server; up to half as much is added.",
        minimum=10,
    )
    agent_trust_anybody: bool = declare.switch(
        "consoleproxy.agent.trust.anybody",
        False,
        "Take any management server where cloud.ca.crt is missing; who answers first then decides "
        "who gets which screen.",
    )
    agent_firewall: str = declare.text(
        "consoleproxy.agent.firewall",
        "",
        "Firewall in which the agent opens its ports on the public network, and closes them at "
        "its end: nftables or iptables, which has to be this program's to change. Empty: none.",
        choices=("", "nftables", "iptables"),
    )
    agent_firewall_chain: str = declare.text(
        "consoleproxy.agent.firewall.chain",
        "inet filter input",
        "With nftables, the chain that filters what comes in: family, table and chain.",
    )
    agent_rp_filter: bool = declare.switch(
        "consoleproxy.agent.disable.rpfilter",
        False,
        "Turn the kernel's reverse path filter off (net.ipv4.conf.*.rp_filter) where boot argument "
        "disable_rp_filter says so.",
    )
