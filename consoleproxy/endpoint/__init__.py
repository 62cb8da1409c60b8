"""What a browser may open: from the websocket's query to a console endpoint that is let in.

``query`` takes token and extra value from the raw query; ``codec`` opens the token as
``cloudstack`` (AES-GCM, or the older AES-CBC) or as ``jwt`` (with ``jwt_keys``), by ``base64text``
and ``document``, into the one ``model``; ``policy`` checks the request against it. ``ticket`` is
what the management server lets a session's first connection in by. No I/O and no clock here: times
are handed in, in epoch seconds.
"""
