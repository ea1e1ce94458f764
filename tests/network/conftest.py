"""Tests on an emulated link. They need network namespaces: `ip netns` as root, else those of a user
namespace. Where neither can be had the tests fail and say so, unless `--without-network` is given:
then the summary names what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.links.link import Link
from benchmarks.links.namespace import why_none

_HERE = Path(__file__).parent
_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.path.is_relative_to(_HERE)]
    for item in ours:
        item.add_marker(pytest.mark.network)
    if config.getoption("--without-network") and ours:
        config.stash[_LEFT_OUT] = [item.nodeid for item in ours]
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    left_out = config.stash.get(_LEFT_OUT, [])
    if left_out:
        terminalreporter.section("left out by --without-network")
        for name in left_out:
            terminalreporter.line(name)


@pytest.fixture(scope="session")
def _namespaces() -> None:
    reason = why_none()
    if reason is not None:
        pytest.fail(
            f"no network tests here: {reason}. With --without-network they are left out.",
            pytrace=False,
        )


@pytest.fixture
def link(_namespaces: None) -> Iterator[Link]:
    """A link that does nothing to packets yet."""
    with Link() as link:
        yield link
