"""How to reach a screen: from the fields of a console endpoint to a connection that carries RFB.

``target`` chooses the way (plain values in, a frozen target out), ``dial`` walks it: only to where
``allowed`` lets it, behind the operator's ``route`` check, with ``tls`` where the way has it, and
then through XenServer's ``tunnel`` or a ``websocket``, whose answers ``http_head`` reads. What a
websocket gives is a ``websocket_stream``, which is a socket to everybody else. A new way is a
target class, one file that walks it, and one case in ``dial``; nothing above this package changes.
"""
