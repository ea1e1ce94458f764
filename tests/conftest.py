"""Options of the whole run: pytest takes them from the topmost directory alone."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-network",
        action="store_true",
        help="leave out the tests that need network namespaces, and say which those were",
    )
