"""Who is connected: one session from admission to end, the registry of all, the load report.

``session`` is the life of one use of one token, with its timeline; ``registry`` admits, finds and
ends sessions; ``used`` remembers the tokens that were used, and ``returns`` the browsers that may
come back without one; ``ending`` has words for why one ended; ``load`` is the document that the
management server gets.
No I/O and no clock here: times are handed in, in seconds of a monotonic clock unless named epoch.
"""
