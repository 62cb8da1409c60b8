"""What a console proxy is called in a console URL, and who answers for that name.

``console_host`` turns the proxy's public address and ``consoleproxy.url.domain`` into the console
host, and reads such a name back into an address; ``console_url`` puts that host, the console port
and the token together into the address that the user's browser opens.

``zone_content`` reads what the zone of all these names is made of. From there it goes two ways:

- ``zone`` has its records, ``query`` reads a question, ``responder`` makes the answer: bytes in,
  bytes out. ``dns_server`` puts it on sockets, with ``dns_udp``, ``dns_tcp`` and ``rate``.
- ``zone_text`` and ``powerdns`` print it for other DNS servers.
"""
