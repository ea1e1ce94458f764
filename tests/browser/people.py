"""A booth and a console as the people before them see, hear and touch them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.hearing import FREQUENCIES, OFFICER, TONES, Levels
from tests.browser.slowness import slowness

HERE = Path(__file__).parent
DEVICES = (HERE / "devices.js").read_text()
EARS = (HERE / "ears.js").read_text()
LINKS = (HERE / "links.js").read_text()
FRAMES_PER_S = 6
HUE_STEP = 51  # seven colours, all far from each other
HUE_TOLERANCE = 16
SOON_S = 10.0
SMALL_PICTURE = (160, 90)
CONSOLE_WINDOW: ViewportSize = {"width": 1280, "height": 720}
BOOTH_WINDOW: ViewportSize = {"width": 800, "height": 450}
"""Small, because painting six of them is most of what a test costs."""
KIOSK_WINDOW: ViewportSize = {"width": 1280, "height": 720}
KIOSK_DOTS = 0.5
"""In each direction, of those that a kiosk has: for the same reason."""
PAGE_WAITS_MS = 60_000
"""Until an element is there: for a machine that is shared. What is promised to people is held by
`until`, and in the benchmarks."""


@dataclass(frozen=True)
class Picture:
    """What a video element shows; `hue` in degrees."""

    hue: float | None
    moves: bool
    width: int

    def shows(self, number: int) -> bool:
        """The moving picture of this person (a booth's number, or OFFICER)."""
        if self.hue is None or not self.moves:
            return False
        off = abs(self.hue - hue_of(number)) % 360
        return min(off, 360 - off) < HUE_TOLERANCE


@dataclass(frozen=True)
class Sounds:
    """What arrives at a page, and the mids of what it plays aloud."""

    levels: Levels
    aloud: list[str]


def hue_of(number: int) -> int:
    return number * HUE_STEP


def open_context(
    browser: Browser,
    number: int,
    picture: tuple[int, int] = SMALL_PICTURE,
    script: str = "",
    kiosk: bool = False,
) -> BrowserContext:
    """A browser of its own for one person, with his own camera and microphone. `picture` is the
    size that the camera gives; `script` runs in each page before its own; `kiosk`: a booth's window
    is large enough for forms."""
    booth = KIOSK_WINDOW if kiosk else BOOTH_WINDOW
    context = browser.new_context(
        viewport=CONSOLE_WINDOW if number == OFFICER else booth,
        device_scale_factor=KIOSK_DOTS if kiosk else 1,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PAGE_WAITS_MS)
    person = {
        "tone": TONES[number],
        "hue": hue_of(number),
        "label": str(number),
        "width": picture[0],
        "height": picture[1],
        "fps": FRAMES_PER_S,
    }
    context.add_init_script(
        f"window.testPerson = {json.dumps(person)};"
        f"testPerson.ears = URL.createObjectURL(new Blob([{json.dumps(EARS)}],"
        " {type: 'text/javascript'}));" + DEVICES + script
    )
    return context


def until(
    true: Callable[[], Any],
    what: str,
    within_s: float = SOON_S,
    seen: Callable[[], object] = lambda: "",
) -> None:
    """Waits until `true()`; one more look is taken when the time is over. On a slow machine it is
    over later (`slowness`). `seen` is asked what is there instead."""
    begun = time.monotonic()
    allowed, slow = within_s, 1.0
    while True:
        last = time.monotonic() - begun > allowed
        if true():
            return
        if last:
            slow = max(slow, slowness())
            assert allowed < within_s * slow, (
                f"not within {within_s:g} s times {slow:.1f}: {what} {seen()}"
            )
            allowed = within_s * slow
        time.sleep(0.05)


def fill_in_sign_in(page: Page, name: str, password: str) -> None:
    """On the sign-in page; what comes next is another page."""
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator(".form__go").click()


class PersonPage:
    """What both pages have in common."""

    number: int
    pictures = "video"

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._watch(self.page)

    def reopen(self) -> None:
        """The page is gone without a word, and another one stands in its place, not yet loaded."""
        self.page.close()
        self.page = self.context.new_page()
        self._watch(self.page)

    def begin_to_listen(self) -> None:
        """Several pages can listen at once, and look at once: `listened` and `looked` tell."""
        self.page.evaluate(
            """(frequencies) => {
              window.testHeard = testEars.levels(frequencies)
                .then((levels) => ({ levels, aloud: testEars.aloud() }));
            }""",
            FREQUENCIES,
        )

    def listened(self) -> Sounds:
        return Sounds(**self.page.evaluate("testHeard"))

    def listen(self) -> Sounds:
        self.begin_to_listen()
        return self.listened()

    def begin_to_look(self, video: str | None = None) -> None:
        """At the first element that `video` selects, else at the page's main picture."""
        self.page.evaluate(
            "(video) => { window.testSeen = testEyes(document.querySelector(video)); }",
            video or self.pictures,
        )

    def looked(self) -> Picture | None:
        seen = self.page.evaluate("testSeen")
        return None if seen is None else Picture(**seen)

    def look(self, video: str | None = None) -> Picture | None:
        """None: no picture there."""
        self.begin_to_look(video)
        return self.looked()

    def await_picture(
        self, number: int, video: str | None = None, within_s: float = SOON_S
    ) -> None:
        """This person's moving picture is to be seen."""

        def shown() -> bool:
            picture = self.look(video)
            return picture is not None and picture.shows(number)

        until(shown, f"picture of {number} in {video or self.pictures}", within_s)

    def await_no_picture(self, video: str | None = None, within_s: float = SOON_S) -> None:
        until(
            lambda: self.look(video) is None,
            f"no picture in {video or self.pictures}",
            within_s,
        )

    def unplug(self, kind: str) -> None:
        """`audio` or `video`."""
        self.page.evaluate("(kind) => testDevices.unplug(kind)", kind)

    def plug(self, kind: str) -> None:
        self.page.evaluate("(kind) => testDevices.plug(kind)", kind)

    def gives(self, kind: str) -> bool:
        """Camera (`video`) or microphone (`audio`) is open and live."""
        return bool(self.page.evaluate("(kind) => testDevices.live(kind)", kind))

    @property
    def devices_opened(self) -> int:
        """How often this page has asked for devices."""
        return int(self.page.evaluate("testDevices.opened"))

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(str(error)))


class BoothPage(PersonPage):
    """A booth and whoever sits there."""

    pictures = ".view video"  # the officer

    def __init__(self, context: BrowserContext, number: int) -> None:
        super().__init__(context)
        self.number = number

    def open(self, url: str, code: str | None = None, tab: bool = False) -> None:
        """With `code` it enrols; without, the token that it has lets it in."""
        fragment = f"#pair={code}{'&tab' if tab else ''}" if code else ""
        self.page.goto(f"{url}/booth{fragment}")

    @property
    def screen(self) -> str:
        return str(self.page.evaluate("document.body.dataset.screen"))

    @property
    def sign(self) -> str:
        """The strip: off, self, hold, on, one or bad."""
        return str(self.page.evaluate("document.querySelector('.strip').dataset.live"))

    def await_screen(self, *screens: str, within_s: float = SOON_S) -> None:
        until(
            lambda: self.screen in screens,
            f"booth {self.number} at {screens}, is at",
            within_s,
            seen=lambda: self.screen,
        )

    def touch(self, what: str) -> None:
        self.page.locator(what).first.click()

    def start(self) -> None:
        """Touches the screen to begin a visit."""
        self.await_screen("idle")
        self.touch(".stage .btn--main")
        self.await_screen("consent")

    def agree(self) -> None:
        self.await_screen("consent")
        self.touch(".stage .btn--main")
        self.await_screen("waiting", "hold", "onair", "announce")

    def agree_again(self) -> None:
        """After the page was away in the middle of a visit's forms."""
        self.await_screen("consent")
        self.touch(".stage .btn--main")
        self.await_screen("form", "capture", "signature", "overview")

    @property
    def kept(self) -> set[str]:
        """Names of everything that the browser keeps of this page."""
        return set(
            self.page.evaluate(
                """async () => [
                  ...Object.keys(localStorage), ...Object.keys(sessionStorage),
                  ...(await indexedDB.databases()).map(({ name }) => name),
                  ...(await caches.keys()), ...(document.cookie ? ['cookie'] : []),
                ]"""
            )
        )


class ConsolePage(PersonPage):
    """The officer at a console."""

    number = OFFICER
    pictures = ".focus video"

    def sign_in(self, url: str, name: str, password: str) -> None:
        """By the form, until the gate with the devices."""
        self.page.goto(f"{url}/console")
        fill_in_sign_in(self.page, name, password)
        self.page.locator("[data-name=open]").wait_for()

    def open_desk(self) -> None:
        """From the gate: the press of the button."""
        self.page.locator("[data-name=open]").click()

    def await_ready(self, within_s: float = SOON_S) -> None:
        """In hold, media up: a talk can begin."""
        self.await_air("none", within_s=within_s)
        until(
            lambda: self.page.evaluate("vcsConsole.media.up && vcsConsole.facts.desk?.media"),
            "the console's media",
            within_s,
        )

    def await_media(self, slot: int) -> None:
        """The booth's sound and picture are connected: a talk can begin."""
        until(
            lambda: self.page.evaluate(
                "(slot) => vcsConsole.facts.tile(slot)?.media === true", slot
            ),
            f"media of booth {slot}",
        )

    @property
    def air(self) -> str:
        """The air bar: talk, announce, none, pending or lost."""
        return str(self.page.evaluate("document.querySelector('.air').dataset.air"))

    def await_air(self, *kinds: str, within_s: float = SOON_S) -> None:
        until(
            lambda: self.air in kinds,
            f"the air bar shows {kinds}, it shows",
            within_s,
            seen=lambda: self.air,
        )

    @property
    def states(self) -> list[str]:
        """Of the six tiles, in their order."""
        return list(
            self.page.evaluate(
                "[...document.querySelectorAll('.tile')].map((t) => t.dataset.state)"
            )
        )

    @property
    def hearing(self) -> list[int]:
        """The booths that hear the officer, by the air bar's row of ears."""
        return list(
            self.page.evaluate(
                "[...document.querySelectorAll('.ears .is-on')].map((e) => Number(e.dataset.slot))"
            )
        )

    @property
    def hold_reason(self) -> str | None:
        """Why nobody is on air, by the server's word."""
        reason = self.page.evaluate("vcsConsole.facts.desk?.hold_reason ?? null")
        return None if reason is None else str(reason)

    def await_state(self, slot: int, *states: str, within_s: float = SOON_S) -> None:
        until(
            lambda: self.states[slot - 1] in states,
            f"tile {slot} shows {states}",
            within_s,
        )

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def talk_by_mouse(self, slot: int) -> None:
        self.page.locator(f"{tile(slot)} .tile__talk").click()

    def hold_by_mouse(self) -> None:
        self.page.locator(".air .btn").last.click()

    def talk(self, slot: int) -> None:
        """By the key, until the server's word."""
        self.press(str(slot))
        self.await_state(slot, "on_air")

    def hold(self) -> None:
        self.press("Escape")
        self.await_air("none")


def tile(slot: int) -> str:
    """Selects a tile of the console."""
    return f".tile[data-slot='{slot}']"


def tile_video(slot: int) -> str:
    return f"{tile(slot)} video"
