"""Chromium in the namespace at either end of a link, and the two pages in it.

Playwright speaks with its browser over pipes, which namespaces do not cut: only a script stands in
between that enters the namespace first.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, Playwright, async_playwright
from playwright.async_api import Error as BrowserTrouble

from benchmarks.links.watching import Seen
from benchmarks.server_process import Keys
from benchmarks.six_booths.pages import FLAGS, NoBrowser, draw_last

__all__ = ["BoothPage", "BrowserTrouble", "Chromium", "ConsolePage", "NoBrowser"]

DRAWING_NICENESS: Final = 5
"""Of what stands in for a graphics card: behind sound, but pictures are to be shown."""
FAR_END_PRIORITY: Final = 5
"""So much does a page yield to server and booths, which would have machines of their own: it is the
link that is to be late, not they."""
CAMERA_FPS: Final = 30
READY_WITHIN_MS: Final = 60_000
CONNECTED_WITHIN_S: Final = 25.0
KEEP_TALKING_S: Final = 0.25
PIXELS: Final = 0.5
"""Of a page, in each direction: it is drawn without a graphics card, and not drawing is measured.
The pictures are decoded in full all the same."""
_CAMERA_FLAG: Final = "--use-fake-device-for-media-stream"
_SCRIPT: Final = Path(__file__).with_name("page.js")


class Chromium:
    """One browser. `enter`: the words that run a command in its namespace."""

    def __init__(self, folder: Path, name: str, enter: Sequence[str], url: str) -> None:
        """`url`: of the server, whose pages get camera and microphone without TLS."""
        self._wrapper = folder / f"chromium-{name}"
        self._enter = enter
        self._url = url
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def open(self) -> None:
        """Raises `NoBrowser`."""
        program = shutil.which("chromium")
        if program is None:
            raise NoBrowser("chromium is not installed (./run test installs it)")
        command = (*self._enter, "nice", "-n", str(FAR_END_PRIORITY), program)
        self._wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        self._wrapper.chmod(0o700)
        flags = [flag for flag in FLAGS if flag != _CAMERA_FLAG]
        flags += [
            f"{_CAMERA_FLAG}=fps={CAMERA_FPS}",
            f"--unsafely-treat-insecure-origin-as-secure={self._url}",
        ]
        self._playwright = await async_playwright().start()
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=self._wrapper, args=flags
            )
            await draw_last(self._browser, DRAWING_NICENESS)
        except BrowserTrouble as trouble:
            raise NoBrowser(str(trouble)) from trouble

    async def page(self) -> Page:
        """A new one, as of somebody who was never here."""
        assert self._browser is not None
        context = await self._browser.new_context(
            viewport={"width": 1280, "height": 720},
            device_scale_factor=PIXELS,
            bypass_csp=True,
            reduced_motion="reduce",
        )
        context.set_default_timeout(READY_WITHIN_MS)
        return await context.new_page()

    async def close(self) -> None:
        if self._browser is not None:
            with contextlib.suppress(BrowserTrouble):
                await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()


class ConsolePage:
    """The officer: looks at one booth, talks to it, and does so again when the server has ended the
    talk because he was lost."""

    def __init__(self, page: Page, url: str, keys: Keys, slot: int) -> None:
        self._page = page
        self._url = url
        self._keys = keys
        self._slot = slot
        self._talking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Sign in and open the desk; whether media comes is for `connected` to say."""
        page = self._page
        await page.add_init_script(_SCRIPT.read_text())
        await page.goto(f"{self._url}/console")
        await page.locator("#name").fill(self._keys.name)
        await page.locator("#password").fill(self._keys.password)
        await page.locator(".form__go").click()
        await page.locator("[data-name=open]").click()
        await page.wait_for_function("window.vcsConsole?.facts.known")

    async def connected(self) -> bool:
        """Whether media is up, for which it waits a while."""
        try:
            await self._page.wait_for_function(
                "window.vcsConsole.media.up && vcsConsole.facts.desk?.media",
                timeout=CONNECTED_WITHIN_S * 1000,
            )
        except BrowserTrouble:
            return False
        return True

    async def look_and_talk(self) -> None:
        """Returns when this booth hears the officer; from then on he keeps at it."""
        slot = self._slot
        await self._page.wait_for_function("(slot) => vcsConsole.facts.tile(slot)?.media", arg=slot)
        await self._page.locator(f'vcs-tile[data-slot="{slot}"] .tile__face').click()
        self._talking = asyncio.create_task(self._keep_talking())
        await self._page.wait_for_function(
            "(slot) => vcsConsole.facts.desk.on_air === slot", arg=slot
        )

    async def seen(self) -> Seen:
        """All that was noted so far."""
        frames = await self._page.evaluate("linkWatch.frames()")
        samples = await self._page.evaluate("linkWatch.samples()")
        return Seen.from_page(frames, samples)

    async def connection(self) -> dict[str, Any] | None:
        """How it came about, see page.js."""
        told: dict[str, Any] | None = await self._page.evaluate("linkWatch.connection()")
        return told

    async def stop(self) -> None:
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.gather(self._talking, return_exceptions=True)

    async def _keep_talking(self) -> None:
        can_talk = (
            "(slot) => vcsConsole.facts.known && vcsConsole.media.up"
            " && vcsConsole.facts.desk.on_air !== slot"
            " && vcsConsole.facts.tile(slot)?.consented && vcsConsole.facts.tile(slot)?.media"
        )
        while True:
            if await self._page.evaluate(can_talk, self._slot):
                await self._page.keyboard.press(str(self._slot))
            await asyncio.sleep(KEEP_TALKING_S)


class BoothPage:
    """A booth whose visitor starts and agrees."""

    def __init__(self, page: Page, url: str, code: str) -> None:
        self._page = page
        self._url = url
        self._code = code

    async def open(self) -> None:
        """Returns when the visitor has agreed and sends."""
        await self._page.goto(f"{self._url}/booth#pair={self._code}")
        for screen in ("idle", "consent"):
            await self._screen(screen)
            await self._page.locator(".stage .btn--main").first.click()
        await self._screen("waiting")

    async def _screen(self, name: str) -> None:
        await self._page.wait_for_function(
            "(name) => document.body.dataset.screen === name", arg=name
        )
