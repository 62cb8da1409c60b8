"""The story of one console: decode, allow, authenticate, dial, log in, hand over, relay, end.

``attempt`` is the story, and the first file to read; ``guest`` is its part towards the hypervisor;
``consoles`` owns all attempts; ``model`` holds what comes in from above.
"""
