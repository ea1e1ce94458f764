"""The commands of `vcs`, a file for each noun."""
