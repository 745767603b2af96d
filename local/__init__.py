"""Everything `make run` adds to serve the whole system on one machine, without Docker and without AWS."""
