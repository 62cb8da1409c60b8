"""Bytes both ways between a browser's websocket and a hypervisor's stream.

``websocket`` is websockify's protocol engine on top of ``consoleproxy.frames``, without a socket;
``channel`` gives the engine a socket for the login; ``pump`` takes both over and carries the bytes,
with one ``arena`` for all sessions of a loop.
"""
