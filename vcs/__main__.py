"""`python -m vcs`."""

from __future__ import annotations

from vcs.cli import main

main()
