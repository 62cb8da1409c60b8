"""The embedded management server: who may open a console, on which CPVM, and who has one open.

``inventory`` reads the VMs from a TOML file; everything else is remembered in a database, SQLite or
MariaDB: ``schema`` declares its tables, the ``*_records`` are the queries by subject, ``store``
runs them as transactions, ``upgrade`` brings older databases up to date by the revisions in
``migrations``, and ``database`` keeps their waiting off the event loop. A console begins at ``api``
(CloudStack's ``/client/api``: ``signature`` is checked, ``commands`` answers) or at ``pages`` (the
inventory page): either asks ``issuer``, which picks a CPVM by ``assignment``, writes the session
row and makes token and URL. The ``capacity*`` modules say when more CPVMs are wanted.

The CPVM then asks back through ``client``, in the documents of ``channel``; ``proxies`` takes
them, ``gate`` allows each session once, and load reports say which sessions are over.

Certificates come in by ``certificate_commands`` or ``certificate_page``; ``certificates`` proves
and stores them, private keys under ``sealing``, and ``hand_over`` brings them to the CPVMs.
``app`` puts all of it together. ``configuration`` is what ``listConfigurations`` shows.
"""
