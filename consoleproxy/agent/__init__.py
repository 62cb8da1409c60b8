"""CloudStack's agent, as far as a console proxy has one: the link to its management server.

``link`` cuts and joins the frames of that link, ``secure_link`` has TLS inside of them, ``packet``
is the header of a request or an answer, ``payload`` the commands in it: bytes in, values out, no
I/O.
"""
