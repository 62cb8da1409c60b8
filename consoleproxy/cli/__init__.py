"""Commands: one file each, wiring only. ``entry`` finds the one that is asked for."""
