"""The management server's database."""
