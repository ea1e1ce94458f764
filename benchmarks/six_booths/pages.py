"""A desk whose officer and first booths are Chromium pages, and whose other booths are headless.

What counts here is sound, as an AudioWorklet in the page has it (ear.js): after jitter buffer and
decoder, where a loudspeaker would get it. The officer's keys are pressed in the console page.

- `switch_to_booth_ms`, `switch_to_officer_ms`: from the key to the first sound that the
  AudioWorklet has; `aloud_at_booth_ms` and `aloud_at_officer_ms`: until the page's own loudspeaker,
  which waits for the server's word, plays it too
- `old_booth_silent_ms`: from the acknowledgement's arrival at the console to the last sample above
  -60 dBFS at the booth that was on air
- `page_ms`: from the key to the command's leaving the page; `acknowledged_ms`: from the key to the
  acknowledgement
- a leak is a sound that begins where nothing may be heard, or a foreign tone in the last 171 ms of
  a stay. Packets are judged at the headless booths alone, by the word that each gets itself: the
  pages show no packets.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path as File
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright
from playwright.async_api import Error as BrowserTrouble

from benchmarks.server_process import Keys
from benchmarks.six_booths.air import HOLD, OFFICER, Air, Path, carries
from benchmarks.six_booths.desk import UNHEARD_AFTER_S, HeadlessBooths
from benchmarks.six_booths.diary import LISTENED_FOR, Answer, Entry, Sound, answer, foreign
from benchmarks.six_booths.ears import Ear
from benchmarks.six_booths.headless import Gone
from benchmarks.six_booths.tally import Tally
from benchmarks.six_booths.tones import TONES, Finding, Heard
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia

FLAGS: Final = (
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
)
ANSWER_WITHIN_S: Final = 10.0
READY_WITHIN_MS: Final = 60_000
MOST_FRUITLESS: Final = 5
ON_AIR: Final = "(({desk}) => [desk?.on_air ?? null, desk?.announcing ?? false])(vcsConsole.facts)"
FRAME_RATE: Final = 1
"""Of all pictures: the console draws seven of them without a graphics card, and two cores that are
busy with that are not what is to be measured."""
PIXELS: Final = 0.5
"""Of a page, in each direction, for the same reason."""
DRAWING_NICENESS: Final = 10
BOOTH_MID: Final = "2"
_HERE: Final = File(__file__).parent


class NoBrowser(Exception):
    """Chromium is not there, or a page did not do what it should. The text says which."""


class BrowserDesk:
    """See the module. `open`, `move`, `listen`, `count` and `close` as of `HeadlessDesk`."""

    def __init__(
        self, url: str, keys: Keys, media: Mapping[int, PreparedMedia], tally: Tally
    ) -> None:
        self.air = HOLD
        self._url = url
        self._keys = keys
        self._tally = tally
        self._booths = HeadlessBooths(url, keys, media)
        self._pages: dict[int, Page] = {}
        self._sounds: dict[Path, Sound] = {}
        self._before = HOLD
        self._asked = HOLD
        self._fruitless = 0
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def open(self) -> None:
        """Everybody joins, sits down and agrees; the desk is in hold. Raises `NoBrowser`."""
        program = shutil.which("chromium")
        if program is None:
            raise NoBrowser("chromium is not installed (./run test installs it)")
        await self._booths.join(self._tally, Pacemaker(), by_own_word=True)
        self._playwright = await async_playwright().start()
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=program, args=FLAGS
            )
            await draw_last(self._browser)
            for number, code in self._keys.codes.items():
                self._pages[number] = await self._open_booth(number, code)
            self._pages[OFFICER] = await self._open_console()
        except BrowserTrouble as trouble:
            raise NoBrowser(str(trouble)) from trouble
        for number in (*self._keys.codes, *self._keys.tokens):
            self._sounds[Path(number, OFFICER)] = Sound()
        for number in self._keys.codes:
            self._sounds[Path(OFFICER, number)] = Sound()
        for number, page in self._pages.items():
            entries = await page.evaluate("sixBooths.take()")
            if number != OFFICER:
                joined = next(entry for entry in entries if entry["what"] == "connected")
                self._tally.timed("page_join_ms", joined["since"])

    async def move(self, air: Air) -> None:
        self._before, self._asked = self.air, air
        for ears in self._booths.ears.values():
            ears.picture.look()
            ears.ear.command(carries(air, ears.ear.path))
        console = self._pages[OFFICER]
        try:
            answers = await console.evaluate("sixBooths.answers()")
            await self._press(air)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await console.evaluate("(n) => sixBooths.answered(n)", answers + 1)
            self.air = air
            await self._hear()
        except TimeoutError:
            pass  # `listen` finds no answer
        except BrowserTrouble as trouble:
            raise NoBrowser(str(trouble)) from trouble
        finally:
            for ears in self._booths.ears.values():
                ears.ear.gate.settled()

    async def listen(self) -> list[Heard]:
        """At the end of the stay."""
        self._booths.check()
        diaries: dict[int, list[Entry]] = {}
        levels: dict[int, dict[str, list[float]]] = {}

        async def ask(number: int, page: Page) -> None:
            levels[number] = await page.evaluate("(t) => sixBooths.levels(t)", LISTENED_FOR)
            diaries[number] = await page.evaluate("sixBooths.take()")

        try:
            self.air = Air(*await self._pages[OFFICER].evaluate(ON_AIR))
            await asyncio.gather(*(ask(number, page) for number, page in self._pages.items()))
        except BrowserTrouble as trouble:
            raise NoBrowser(str(trouble)) from trouble
        answered = answer(diaries[OFFICER])
        self._note(answered)
        for path, sound in self._sounds.items():
            mid = _mid(path)
            sound.follow(diaries[path.sink], mid)
            self._judge(path, sound, levels[path.sink][mid], answered)
        return [self._heard(ears.ear) for ears in self._booths.ears.values()]

    def count(self) -> None:
        self._booths.count(self._tally)

    async def close(self) -> None:
        try:
            if self._browser is not None:
                await self._browser.close()
        finally:
            if self._playwright is not None:
                await self._playwright.stop()
            await self._booths.leave()

    # --- one move ---------------------------------------------------------------------------------

    async def _press(self, air: Air) -> None:
        keyboard = self._pages[OFFICER].keyboard
        if air.slot is not None:
            await keyboard.press(str(air.slot))
        elif air.announcing:
            await keyboard.down("a")
        elif self._before.announcing:
            await keyboard.up("a")
        else:
            await keyboard.press("Escape")

    async def _hear(self) -> None:
        """Wait until every page hears whom it shall, and nobody else any more. How long that took
        is timed by the pages themselves; what does not come or does not end is found later."""

        async def hear(sink: int, page: Page) -> None:
            mids = [
                _mid(path) for path in self._sounds if path.sink == sink and carries(self.air, path)
            ]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(UNHEARD_AFTER_S):
                    await page.evaluate("(mids) => sixBooths.heard(mids)", mids)

        await asyncio.gather(*(hear(sink, page) for sink, page in self._pages.items()))

    def _note(self, answered: Answer | None) -> None:
        if answered is None or answered.refused:
            # A machine that is too busy lets the console lose the server; it comes back in hold.
            self._tally.refused += 1
            self._fruitless += 1
            if self._fruitless > MOST_FRUITLESS:
                raise Gone("the console gets no answers")
            return
        self._fruitless = 0
        self._tally.moved(self._asked)
        if self.air != self._asked:
            self._tally.interruptions += 1
        self._tally.timed("page_ms", answered.sent - answered.key)
        self._tally.timed("acknowledged_ms", answered.answered - answered.key)

    def _judge(
        self, path: Path, sound: Sound, levels: list[float], answered: Answer | None
    ) -> None:
        before, now = carries(self._before, path), carries(self.air, path)
        found = [
            f"{TONES[number]} Hz at {level:.0f} dBFS"
            for number, level in foreign(levels, path.source if now else None)
        ]
        if sound.begins and not (before or now or carries(self._asked, path)):
            found.append("a sound where no path may be")
        for what in found:
            self._tally.findings.append(Finding(self._tally.switches, str(path), what))
        if answered is None:
            return
        if now and not before:
            if sound.audible is None:
                self._tally.unheard += 1
            elif not self.air.announcing:
                to = "booth" if path.source == OFFICER else "officer"
                self._tally.timed(f"switch_to_{to}_ms", sound.begins[0] - answered.key)
                self._tally.timed(f"aloud_at_{to}_ms", sound.audible - answered.key)
        if before and not now and path.source == OFFICER and sound.ended is not None:
            self._tally.timed("old_booth_silent_ms", max(0.0, sound.ended - answered.answered))

    def _heard(self, ear: Ear) -> Heard:
        before, now = carries(self._before, ear.path), carries(self.air, ear.path)
        if now and not before and ear.first is None:
            self._tally.unheard += 1
        self._tally.late_packets += ear.late
        ear.late = 0
        allowed = before or now or carries(self._asked, ear.path)
        return Heard(self._tally.switches, ear.path, allowed, ear.take())

    # --- opening ----------------------------------------------------------------------------------

    async def _context(self, number: int) -> BrowserContext:
        assert self._browser is not None
        # The measuring scripts are not the page's own, which its policy forbids.
        context = await self._browser.new_context(
            viewport={"width": 1280, "height": 720},
            device_scale_factor=PIXELS,
            bypass_csp=True,
            reduced_motion="reduce",
        )
        context.set_default_timeout(READY_WITHIN_MS)
        person: dict[str, Any] = {
            "tone": TONES[number],
            "hue": number * 51,
            "width": 320,
            "height": 180,
            "fps": FRAME_RATE,
        }
        ear = json.dumps((_HERE / "ear.js").read_text())
        await context.add_init_script(
            f"window.sixBoothsPerson = {json.dumps(person)};"
            f"sixBoothsPerson.ear = URL.createObjectURL(new Blob([{ear}],"
            " {type: 'text/javascript'}));" + (_HERE / "page.js").read_text()
        )
        return context

    async def _open_booth(self, number: int, code: str) -> Page:
        page = await (await self._context(number)).new_page()
        await page.goto(f"{self._url}/booth#pair={code}")
        await _screen(page, "idle")
        await page.locator(".stage .btn--main").first.click()
        await _screen(page, "consent")
        await page.locator(".stage .btn--main").first.click()
        await _screen(page, "waiting")
        await page.wait_for_function("sixBooths.ears().length === 1")
        return page

    async def _open_console(self) -> Page:
        page = await (await self._context(OFFICER)).new_page()
        await page.goto(f"{self._url}/console")
        await page.locator("#name").fill(self._keys.name)
        await page.locator("#password").fill(self._keys.password)
        await page.locator(".form__go").click()
        await page.locator("[data-name=open]").click()
        everybody = [*self._keys.codes, *self._keys.tokens]
        await page.wait_for_function(
            "(slots) => window.vcsConsole?.media.up && vcsConsole.facts.desk?.media"
            " && sixBooths.ears().length === 6"
            " && slots.every((slot) => vcsConsole.facts.tile(slot)?.media"
            " && vcsConsole.facts.tile(slot)?.consented)",
            arg=everybody,
        )
        return page


async def draw_last(browser: Browser, niceness: int = DRAWING_NICENESS) -> None:
    """`let_draw_last` for this browser."""
    session = await browser.new_browser_cdp_session()
    told = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    let_draw_last(told["processInfo"], niceness)


def let_draw_last(processes: Iterable[Mapping[str, Any]], niceness: int = DRAWING_NICENESS) -> None:
    """Let the process that stands in for the graphics card work when nobody else has anything to
    do: on a machine with a card it would not be on these cores at all. `processes` are a browser's,
    as its `SystemInfo.getProcessInfo` tells of them."""
    for process in processes:
        if process["type"] == "GPU":
            for thread in os.listdir(f"/proc/{process['id']}/task"):  # noqa: PTH208 (not a disk)
                os.setpriority(os.PRIO_PROCESS, int(thread), niceness)


async def _screen(page: Page, name: str) -> None:
    await page.wait_for_function("(name) => document.body.dataset.screen === name", arg=name)


def _mid(path: Path) -> str:
    """A booth has one sound that arrives, a console one for each place."""
    return str(2 * path.source) if path.sink == OFFICER else BOOTH_MID
