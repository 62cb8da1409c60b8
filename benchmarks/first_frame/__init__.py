"""How long a person waits for the first picture of a console, from a distance.

``python -m benchmarks.first_frame`` measures it beside noVNC's own page behind websockify.
"""
