"""Guests for a demo: a screen that shows what is typed, behind VNC Authentication on loopback.

``qemu`` boots ``boot``'s sector in QEMU. ``builtin`` needs no QEMU: it speaks RFB itself, keeps its
text in ``screen``, and paints it with ``picture`` and ``font``. Both hand out an ``address``.
"""
