"""Measurements of the whole: each runs by `python -m benchmarks.NAME` and prints a table."""
