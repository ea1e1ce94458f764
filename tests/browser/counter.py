"""A whole counter: a server, its booths and an officer, each in a page of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from playwright.sync_api import Browser

from tests.browser.hearing import OFFICER, Allowed, Hearing, judge, name
from tests.browser.people import (
    SMALL_PICTURE,
    SOON_S,
    BoothPage,
    ConsolePage,
    Sounds,
    open_context,
    until,
)
from tests.browser.server import OFFICERS, PASSWORD, ServerProcess
from tests.browser.slowness import slowness

QUIET_WITHIN_S = 3.0
"""From the server's word until nobody hears what he shall not; three times what the product
promises, and some for pages that share two cores. A look that begins later must find silence."""
ANNOUNCE = -1
ALL_MIDS = {False: {"2"}, True: {str(2 * slot) for slot in range(1, 7)}}
"""Of the sounds that arrive at a booth, and at a console: one for each place, taken or not."""


class Counter:
    """Pages by booth number, and what shall be heard and seen at them."""

    def __init__(
        self, browser: Browser, server: ServerProcess, script: str = "", kiosk: bool = False
    ) -> None:
        """`script` and `kiosk` as of `open_context`."""
        self.browser = browser
        self.server = server
        self._script = script
        self._kiosk = kiosk
        self.booths: dict[int, BoothPage] = {}
        self.talked: set[int] = set()
        self.console: ConsolePage
        self.spare_code = ""
        """Pairs a booth of another desk."""

    def open(self, booths: int, pictures: Sequence[tuple[int, int]]) -> None:
        """Everybody joins, nobody has sat down yet."""
        *codes, self.spare_code = self.server.prepare(booths)
        self.server.start()
        for number, code in enumerate(codes, 1):
            size = pictures[number - 1] if number <= len(pictures) else SMALL_PICTURE
            context = open_context(self.browser, number, size, self._script, self._kiosk)
            booth = BoothPage(context, number)
            self.booths[number] = booth
            # The first keeps its token as a kiosk does, the others as tabs of one browser do.
            booth.open(self.server.url, code, tab=number > 1)
        for booth in self.booths.values():
            booth.await_screen("idle", within_s=20)
        self.console = self.sign_in("andi")
        self.console.open_desk()
        self.console.await_ready(within_s=20)

    def sign_in(self, officer: str) -> ConsolePage:
        """A console of its own for this officer, at the gate."""
        assert officer in OFFICERS
        console = ConsolePage(open_context(self.browser, OFFICER, script=self._script))
        console.sign_in(self.server.url, officer, PASSWORD)
        return console

    def seat(self) -> None:
        """Somebody sits down at every booth where nobody does, and agrees; the desk is in hold."""
        self.console.hold()
        for booth in self.booths.values():
            booth.await_screen("idle", "consent", "waiting", "hold", "goodbye", "message")
            if booth.screen in ("goodbye", "message"):
                booth.touch(".stage .btn")
                booth.await_screen("idle", "waiting", "hold")
            if booth.screen == "idle":
                booth.start()
                self.talked.discard(booth.number)
            if booth.screen == "consent":
                booth.agree()
        for number in self.booths:
            self.console.await_media(number)

    def talk(self, slot: int) -> None:
        """Booth `slot` on air, by the key."""
        self.console.talk(slot)
        self.talked.add(slot)

    def close(self) -> None:
        """All pages, then the server."""
        for context in self.browser.contexts:
            context.close()
        self.server.stop()

    # --- what is heard and seen -----------------------------------------------------------------

    def listen(self, meanwhile: Callable[[], object] | None = None) -> dict[int, Sounds]:
        """At all pages at once, while `meanwhile` is done."""
        pages = {OFFICER: self.console, **self.booths}
        for page in pages.values():
            page.begin_to_listen()
        if meanwhile is not None:
            meanwhile()
        return {number: page.listened() for number, page in pages.items()}

    def hearing(self, on_air: int | None, meanwhile: Callable[[], object] | None = None) -> Hearing:
        """What is wrong with the sound while this booth (None: none; ANNOUNCE) is on air."""
        heard = self.listen(meanwhile)
        allowed = self._allowed(on_air)
        arriving = judge({page: sounds.levels for page, sounds in heard.items()}, allowed)
        leaks, missing = list(arriving.leaks), list(arriving.missing)
        for page, sounds in heard.items():
            if set(sounds.levels) != ALL_MIDS[page == OFFICER]:
                missing.append(f"the meter of {name(page)} hears {set(sounds.levels)} alone")
            wanted = set(allowed.get(page, {}).values())
            words = f"{name(page)} plays {sounds.aloud} aloud"
            if set(sounds.aloud) - wanted:
                leaks.append(words)
            elif wanted - set(sounds.aloud):
                missing.append(f"{words}, not {wanted}")
        return Hearing(tuple(leaks), tuple(missing))

    def assert_private(self, on_air: int | None) -> None:
        """Within the time exactly the right ones hear each other, and then it stays so."""
        begun = time.monotonic()
        while True:
            lasted = time.monotonic() - begun
            wrong = self.hearing(on_air)
            if not wrong:
                break
            assert lasted < QUIET_WITHIN_S or not wrong.leaks, f"with {on_air} on air: {wrong}"
            late = lasted >= SOON_S and lasted >= SOON_S * slowness()
            assert not late, f"with {on_air} on air: {wrong}"
        # A gap is what two busy cores do to a tone; a sound where none may be has no excuse.
        again = self.hearing(on_air)
        assert not again.leaks, f"again, with {on_air} on air: {again}"

    def assert_signs(self, on_air: int | None) -> None:
        """Every page says what is so."""
        for number, booth in self.booths.items():
            until(
                lambda booth=booth, number=number: (
                    (booth.screen, booth.sign) == self._sign(number, on_air)
                ),
                f"booth {number} shows {self._sign(number, on_air)} with {on_air} on air",
                within_s=3,
            )
        console = self.console
        hearing = sorted(self.booths) if on_air == ANNOUNCE else [on_air] if on_air else []
        air = {None: "none", ANNOUNCE: "announce"}.get(on_air, "talk")
        assert (console.air, console.hearing) == (air, hearing), console.hold_reason
        wanted = [self._state(number, on_air) for number in sorted(self.booths)]
        assert console.states == wanted + ["vacant"] * (6 - len(wanted))

    def assert_seen(self, on_air: int | None) -> None:
        """The officer's picture at whom he talks to, and nowhere else."""

        def right() -> bool:
            for booth in self.booths.values():
                booth.begin_to_look()
            seen = {number: booth.looked() for number, booth in self.booths.items()}
            return all(
                picture is not None and picture.shows(OFFICER)
                if on_air in (number, ANNOUNCE)
                else picture is None
                for number, picture in seen.items()
            )

        until(right, f"the officer's picture at {on_air} alone")

    def faults(self) -> list[str]:
        """Errors that no page caught."""
        return [fault for page in (self.console, *self.booths.values()) for fault in page.faults]

    def _allowed(self, on_air: int | None) -> Allowed:
        """By the flows of the privacy rule."""
        if on_air == ANNOUNCE:
            return {number: {OFFICER: "2"} for number in self.booths}
        return {OFFICER: {on_air: str(2 * on_air)}, on_air: {OFFICER: "2"}} if on_air else {}

    def _sign(self, number: int, on_air: int | None) -> tuple[str, str]:
        if on_air == ANNOUNCE:
            return "announce", "one"
        if on_air == number:
            return "onair", "on"
        return ("hold", "hold") if number in self.talked else ("waiting", "self")

    def _state(self, number: int, on_air: int | None) -> str:
        if on_air == ANNOUNCE:
            return "announce"
        if on_air == number:
            return "on_air"
        return "hold" if number in self.talked else "waiting"
