"""A guest for the demo: something to look at and to type into, on loopback.

``qemu`` boots the sector of ``boot`` where QEMU is installed; ``builtin`` draws text with ``font``
where it is not. Both give a ``GuestAddress``.
"""
