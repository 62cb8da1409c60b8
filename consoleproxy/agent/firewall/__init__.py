"""The firewall of a system VM: this proxy's ports opened in it, and closed again.

``opening`` says what; ``nftables`` and ``iptables`` do it; ``keeper`` sees to it while the proxy
runs.
"""
