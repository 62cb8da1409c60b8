"""CloudStack's API as far as this management server has it."""
