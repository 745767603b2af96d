"""Benchmarks beside peers: ratios measured in one run, never absolute times."""
