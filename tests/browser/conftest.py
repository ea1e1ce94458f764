"""One Chromium for all tests of this directory, and counters in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.counter import Counter

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--allow-loopback-in-peer-connection",
]


# Of the package, not of the session: playwright keeps an event loop running in this thread, and
# asyncio tests of other directories need the thread without one.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Real Chromium from the system."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


OpenCounter = Callable[..., Counter]


@pytest.fixture(scope="module")
def open_counter(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenCounter]:
    """Opens a counter: `open_counter(booths, pictures={number: (width, height)})`."""
    with ExitStack() as closing:

        def make(
            booths: int,
            pictures: dict[int, tuple[int, int]] | None = None,
            program: tuple[str, ...] = ("-m", "vcs"),
        ) -> Counter:
            counter = Counter(chromium, tmp_path_factory.mktemp("server"), program)
            closing.callback(counter.server.stop)
            closing.callback(lambda: [context.close() for context in chromium.contexts])
            counter.open(booths, pictures or {})
            return counter

        yield make
