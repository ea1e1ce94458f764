"""One-to-many video verification: one officer, six booths, private talk."""
