"""Bytes both ways between a browser's websocket and a hypervisor's stream.

``frames`` decodes and encodes RFC 6455 frames; ``websocket`` is websockify's protocol engine on
top of it, without a socket; ``channel`` gives the engine a socket for the login; ``pump`` takes
both over and carries the bytes, with one ``arena`` for all sessions of a loop.
"""
