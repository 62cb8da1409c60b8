"""What administrators changed over the API, and how it comes into effect here.

``live`` holds the values that count now; ``follow`` keeps them as the database has them, whichever
management server stored them.
"""
