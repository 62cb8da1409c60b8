"""The embedded management server: who may open a console, on which CPVM, and who has one open.

``inventory`` reads the VMs from a TOML file; ``store`` keeps sessions, accounts, proxies and keys
in SQLite, and ``store_thread`` keeps its waiting off the event loop. A console begins at ``api``
(CloudStack's ``/client/api``: ``signature`` is checked, ``commands`` answers) or at ``pages``
(the inventory page): either asks ``issuer``, which picks a CPVM by ``assignment``, writes the
session row and makes token and URL.

The CPVM then asks back through ``client``, in the documents of ``channel``; ``proxies`` takes
them, ``gate`` allows each session once, and load reports say which sessions are over. ``app``
puts all of it together. ``configuration`` is what ``listConfigurations`` shows.
"""
