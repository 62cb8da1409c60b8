"""Bytes both ways between a browser's websocket and a hypervisor's stream.

``websocket`` is websockify's protocol engine on top of ``consoleproxy.frames``, without a socket;
``channel`` gives the engine a socket for the login; ``pump`` takes both over and carries the bytes,
with one ``arena`` for all sessions of a loop. ``downstream`` is its way from the hypervisor, by
``splice`` where that is worth it; ``liveness`` notices who has gone, ``echo`` is what a viewer may
say beside its stream, and ``end`` how it all ends.
"""
