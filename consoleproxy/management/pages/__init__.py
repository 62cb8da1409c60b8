"""The pages for the operator's browser."""
