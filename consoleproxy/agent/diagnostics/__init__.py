"""What support asks for when a system VM does not work, in one file and without secrets.

``parts`` says what is collected, ``archive`` writes it.
"""
