"""The console URL, in the shape that CloudStack gives it."""

from urllib.parse import quote

# Base64 has "+", "/" and "=", and CloudStack puts them into its URLs as they are; readers of the
# token take a "+" for a plus. Everything else that a query may hold raw (RFC 3986 section 3.4)
# stays readable, except "&", "#" and the quotes that could end an HTML attribute.
_RAW = "+/=:@!$*,"


def console_url(
    host: str,
    port: int,
    tls: bool,
    token: str,
    extra: str = "",
    language: str = "",
    *,
    show_dot: bool = True,
) -> str:
    """The address that opens the viewer, which then connects to the console on the same port.

    Args:
        host: console host as ``console_host`` gives it; an IPv6 address without brackets.
        port: console port, see ``keystore.port``; left out of the authority where it is the
            scheme's own.
        token: any token form; stands in the URL as it is.
        extra: extra security token; left out if empty.
        language: keyboard of the guest, e.g. ``jp``; left out if empty.
        show_dot: ``novnc.console.show.dot``: a dot for a guest's cursor that cannot be seen.
    """
    scheme, usual_port = ("https", 443) if tls else ("http", 80)
    authority = f"[{host}]" if ":" in host else host
    if port != usual_port:
        authority += f":{port}"
    dot = "true" if show_dot else "false"
    query = f"autoconnect=true&show_dot={dot}&port={port}&token={quote(token, safe=_RAW)}"
    if extra:
        query += f"&extra={quote(extra, safe=_RAW)}"
    if language:
        query += f"&language={quote(language, safe=_RAW)}"
    return f"{scheme}://{authority}/resource/noVNC/vnc.html?{query}"
