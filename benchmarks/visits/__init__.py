"""A year of a large branch in the store: how fast it answers, and how much it grows."""
