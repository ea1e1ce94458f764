"""Everything that reads what strangers send, to be fuzzed: `./run fuzz`."""
