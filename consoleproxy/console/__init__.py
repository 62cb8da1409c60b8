"""The story of one console: decode, allow, authenticate, dial, log in, hand over, relay, end.

``attempt`` is the story, and the first file to read; ``guest`` is its part towards the hypervisor,
``viewer`` the one towards the browser, with the secret that it comes back by (``exchange``) and
what it is told of its session (``facts``). ``consoles`` owns all attempts; ``model`` holds what
comes in from above, and ``admission`` decides where this process has the books itself.
"""
