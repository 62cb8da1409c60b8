"""HTTP, and nothing but: listeners, viewer, upgrade, health, admin, the life of the process.

A request comes in by ``listener``, is routed by ``application``, and, where it is a websocket's
opening handshake, leaves by ``upgrade`` to ``consoleproxy.console`` with its socket.
"""
