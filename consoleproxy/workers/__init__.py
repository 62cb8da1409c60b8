"""More than one core: processes that carry consoles, and one head that decides over them.

The head accepts, keeps the registry, talks to the management server and reports; a worker gets
accepted connections from it and carries their consoles from TLS and HTTP to the relay. ``nursery``
is the process that they are forked from; ``channel`` carries ``messages`` between head and worker;
``desk`` is the head's side of one worker and ``pool`` of all; ``remote`` and ``process`` are the
worker's.
"""
