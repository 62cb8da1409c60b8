"""The channel between CPVMs and the management server: documents and both of its ends."""
