"""Which proxy a console goes to, and how many proxies are wanted."""
