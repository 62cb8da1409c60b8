"""How to reach a screen: from the fields of a console endpoint to a connected stream.

``target`` chooses the way (plain values in, a frozen target out), ``dial`` walks it. A new way is a
target class and one file that walks it; nothing above this package changes.
"""
