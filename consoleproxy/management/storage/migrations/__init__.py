"""How databases of earlier versions of this program become those of this one, by Alembic.

Tables are changed in ``schema``, and by a revision in ``versions`` that does the same to a database
with rows in it: a file ``r0002_….py``, and one line below. A test compares the two.

A revision must get through where an earlier try broke off, as MariaDB commits each change of a
table at once: by ``if_not_exists`` (of a column on MariaDB only, as SQLite does not know it and
needs none), or by a look at what is there. New columns go behind those that are there, and have a
default or may be NULL. A revision never uses ``schema``, which changes. There is no way down: who
goes back brings back a copy of the database.
"""

# From the oldest to the newest, each built on the one before; known without loading Alembic.
REVISIONS = ("0001", "0005", "0006", "0007", "0008", "0009")
