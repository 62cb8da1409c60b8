"""A day of a fleet in simulated time, with the management server's own code for the decisions.

``scenario`` says what is assumed; ``visits`` and ``troubles`` draw a day from it. ``simulation``
lets it pass, event by event in ``agenda``: ``users`` and ``operations`` tell the management
server's books what a real day would tell them, and ask them where each console goes. Books are in
memory (``memory_books``: the real decision, on the data that it would be fed) or in a real database
(``database_books``: the real issuer and its SQL); ``lockstep`` has both, and proves that they
agree. ``contention`` has several management servers ask one database at once. ``measures`` takes
notes, ``summary`` makes figures of them, ``report`` and ``picture`` are what people see.
"""
