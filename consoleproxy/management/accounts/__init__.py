"""Domains, accounts and users, and what each may see and do."""
