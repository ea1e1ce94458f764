"""One officer, six booths, switched at random, and everything that is heard looked at."""
