"""What the relay costs, measured beside a peer in the same run; `make bench` runs it."""
