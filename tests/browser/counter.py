"""A whole counter: a server, its booths and an officer, each in a page of its own."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.hearing import OFFICER, Hearing, judge
from tests.browser.people import (
    SMALL_PICTURE,
    SOON_S,
    BoothPage,
    ConsolePage,
    Picture,
    Seen,
    open_context,
    until,
)
from tests.browser.server import OFFICERS, PASSWORD, ServerProcess

QUIET_WITHIN_S = 1.0
"""From the server's word until nobody hears what he shall not; three times what the product
promises, and some for pages that share two cores. A look that begins later must find silence."""
ANNOUNCE = -1


class Counter:
    """Pages by booth number, and what shall be heard and seen at them."""

    def __init__(self, browser: Browser, data_dir: Path, program: tuple[str, ...]) -> None:
        self.browser = browser
        self.server = ServerProcess(data_dir, program)
        self.booths: dict[int, BoothPage] = {}
        self.talked: set[int] = set()
        self.console: ConsolePage

    def open(self, booths: int, pictures: dict[int, tuple[int, int]]) -> None:
        """Everybody joins, nobody has sat down yet."""
        codes = self.server.prepare(booths)
        self.server.start()
        for number, code in enumerate(codes, 1):
            size = pictures.get(number, SMALL_PICTURE)
            booth = BoothPage(open_context(self.browser, number, size), number)
            self.booths[number] = booth
            # The first keeps its token as a kiosk does, the others as tabs of one browser do.
            booth.open(self.server.url, code, tab=number > 1)
        for booth in self.booths.values():
            booth.await_screen("idle", within_s=20)
        self.console = self.sign_in("andi")
        self.console.open_desk()
        self.console.await_ready(within_s=20)

    def sign_in(self, name: str) -> ConsolePage:
        """A console of its own for this officer, at the gate."""
        assert name in OFFICERS
        console = ConsolePage(open_context(self.browser, OFFICER))
        console.sign_in(self.server.url, name, PASSWORD)
        return console

    def seat(self) -> None:
        """Somebody sits down at every booth where nobody does, and agrees; the desk is in hold."""
        self.console.hold()
        for booth in self.booths.values():
            booth.await_screen("idle", "consent", "waiting", "hold", "goodbye")
            if booth.screen == "goodbye":
                booth.touch(".stage .btn")
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

    # --- what is heard and seen -----------------------------------------------------------------

    def look(self) -> dict[int, Seen]:
        """At all pages at once."""
        pages = {OFFICER: self.console, **self.booths}
        for page in pages.values():
            page.begin_look()
        return {number: page.end_look() for number, page in pages.items()}

    def hearing(self, on_air: int | None, seen: dict[int, Seen] | None = None) -> Hearing:
        """What is wrong with the sound while this booth (None: none; ANNOUNCE) is on air."""
        seen = seen or self.look()
        hearing = judge(
            {number: each.levels for number, each in seen.items()},
            self._allowed(on_air),
        )
        aloud = {number: each.aloud for number, each in seen.items()}
        wanted = self._aloud(on_air)
        leaks = [
            f"{number} plays {mids} aloud"
            for number, mids in aloud.items()
            if set(mids) - set(wanted.get(number, ()))
        ]
        missing = [
            f"{number} does not play {mids} aloud"
            for number, mids in wanted.items()
            if set(mids) - set(aloud[number])
        ]
        return Hearing((*hearing.leaks, *leaks), (*hearing.missing, *missing))

    def assert_private(self, on_air: int | None) -> None:
        """Within the time exactly the right ones hear each other, and then it stays so."""
        begun = time.monotonic()
        while True:
            lasted = time.monotonic() - begun
            wrong = self.hearing(on_air)
            if not wrong:
                break
            assert lasted < QUIET_WITHIN_S or not wrong.leaks, f"with {on_air} on air: {wrong}"
            assert lasted < SOON_S, f"with {on_air} on air: {wrong}"
        wrong = self.hearing(on_air)
        assert not wrong, f"again, with {on_air} on air: {wrong}"

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
        assert (console.air, console.hearing) == (air, hearing)
        wanted = [self._state(number, on_air) for number in sorted(self.booths)]
        assert console.states == wanted + ["vacant"] * (6 - len(wanted))

    def assert_seen(self, on_air: int | None) -> None:
        """The officer's picture at whom he talks to, and nowhere else."""

        def right() -> bool:
            seen = self.look()
            return all(
                (self._shows_officer(seen[number].picture))
                if on_air in (number, ANNOUNCE)
                else seen[number].picture is None
                for number in self.booths
            )

        until(right, f"the officer's picture at {on_air} alone")

    def faults(self) -> list[str]:
        """Errors that no page caught."""
        return [fault for page in (self.console, *self.booths.values()) for fault in page.faults]

    @staticmethod
    def _shows_officer(picture: Picture | None) -> bool:
        return picture is not None and picture.shows(OFFICER)

    def _allowed(self, on_air: int | None) -> dict[int, list[int]]:
        if on_air == ANNOUNCE:
            return {number: [OFFICER] for number in self.booths}
        return {OFFICER: [on_air], on_air: [OFFICER]} if on_air else {}

    def _aloud(self, on_air: int | None) -> dict[int, list[str]]:
        """By mid: a booth has one sound that arrives, a console one for each place."""
        if on_air == ANNOUNCE:
            return {number: ["2"] for number in self.booths}
        return {OFFICER: [str(2 * on_air)], on_air: ["2"]} if on_air else {}

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
