"""The VMs that have consoles, and where their screens are."""
