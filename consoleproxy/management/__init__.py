"""The embedded management server: who may open a console, on which CPVM, and who has one open.

A console begins at ``api`` (CloudStack's ``/client/api``) or at ``pages`` (the operator's browser):
either asks ``issuer``, which lets ``fleet`` pick a CPVM, writes the session row and makes token and
URL. ``inventory`` knows the VMs, ``accounts`` who may see each, ``configuration`` the settings that
count. The CPVM then asks back through ``channel``, which has both ends of that conversation:
``gate`` allows each session once, and load reports say which sessions are over. ``certificates``
proves and stores keystores, and ``channel`` hands them to the CPVMs.

What must be remembered is in a database, SQLite or MariaDB: ``storage`` has its tables and
transactions, and seals the secrets; ``records`` has the queries by subject. ``config`` is what the
server is told, ``routes`` its paths, and ``app`` puts all of it together.
"""
