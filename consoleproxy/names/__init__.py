"""What a console proxy is called in a console URL.

``console_host`` turns the proxy's public address and ``consoleproxy.url.domain`` into the console
host, and reads such a name back into an address; ``console_url`` puts that host, the console port
and the token together into the address that the user's browser opens.
"""
