"""One Chromium for all tests of this directory, and counters in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from benchmarks.six_booths.pages import let_draw_last
from tests.browser.counter import Counter
from tests.browser.server import ServerProcess

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
    """Real Chromium from the system. Without windows where there is such a build: a page opens in a
    quarter of the time, and everything within it is the same."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert program is not None, "chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        let_draw_last(told["processInfo"])
        yield browser
        browser.close()


class Counters:
    """One counter at a time. Asked for the same kind again, the same one is given, as others have
    left it: opening it takes longer than most tests. Who needs it untouched closes it first."""

    def __init__(self, browser: Browser, new_directory: Callable[[str], Path]) -> None:
        self._browser = browser
        self._new_directory = new_directory
        self._open: Counter | None = None
        self._kind: tuple[object, ...] = ()

    def open(
        self,
        booths: int,
        pictures: tuple[tuple[int, int], ...] = (),
        program: tuple[str, ...] = ("-m", "vcs"),
        script: str = "",
        settings: tuple[tuple[str, str], ...] = (),
        kiosk: bool = False,
    ) -> Counter:
        """With so many booths; `pictures` are the sizes of the first booths' cameras, `program` is
        what Python runs as the server, with these settings, `script` and `kiosk` are as of
        `open_context`."""
        kind = (booths, pictures, program, script, settings, kiosk)
        if self._open is None or kind != self._kind:
            self.close()
            self._kind = kind
            server = ServerProcess(self._new_directory("server"), program, dict(settings))
            self._open = Counter(self._browser, server, script, kiosk)
            self._open.open(booths, pictures)
        return self._open

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


@pytest.fixture(scope="package")
def counters(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counters]:
    """Counters with pages in this browser."""
    counters = Counters(chromium, tmp_path_factory.mktemp)
    yield counters
    counters.close()
