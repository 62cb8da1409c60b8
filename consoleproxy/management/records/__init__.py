"""Queries of the management server: functions of a connection, run inside ``Store.run``."""
