"""Our rules, pure: no clock, no environment, no I/O, standard library only."""
