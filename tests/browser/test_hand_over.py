"""A visit goes to another officer's desk: two consoles, three booths, who hears whom."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Counters
from tests.browser.counter import QUIET_WITHIN_S, Counter
from tests.browser.hearing import OFFICER, Allowed, Hearing, judge
from tests.browser.people import (
    CONSOLE_WINDOW,
    SOON_S,
    BoothPage,
    ConsolePage,
    open_context,
    tile,
    until,
)
from tests.browser.server import BOTH_FLOWS, PASSWORD
from tests.browser.slowness import slowness
from tests.browser.visitor_alone import await_field, leave, sit_down, type_in

pytestmark = pytest.mark.browser

COLLEAGUE = 6
"""Budi's number among the tones: there is no sixth booth here."""
REASON = "Ahli waris dua orang"


@dataclass
class TwoDesks:
    """Andi's desk with booths 1 and 2, Budi's with booth 3 in its first place."""

    counter: Counter
    andi: ConsolePage
    budi: ConsolePage
    booths: dict[int, BoothPage]

    def hearing(self, allowed: Allowed) -> Hearing:
        pages = {OFFICER: self.andi, COLLEAGUE: self.budi, **self.booths}
        for page in pages.values():
            page.begin_to_listen()
        return judge({number: page.listened().levels for number, page in pages.items()}, allowed)

    def assert_private(self, allowed: Allowed) -> None:
        """Within the time exactly these hear each other, and then it stays so."""
        begun = time.monotonic()
        while wrong := self.hearing(allowed):
            lasted = time.monotonic() - begun
            assert lasted < QUIET_WITHIN_S or not wrong.leaks, str(wrong)
            assert lasted < SOON_S or lasted < SOON_S * slowness(), str(wrong)
        again = self.hearing(allowed)
        assert not again.leaks, str(again)

    def look_at(self, console: ConsolePage, slot: int) -> None:
        console.page.locator(f"{tile(slot)} .tile__face").click()
        console.page.locator(".sheet__flowhead:visible").wait_for()

    def offer(self) -> None:
        """Booth 1's visit, by keys."""
        andi = self.andi
        self.look_at(andi, 1)
        andi.press("h")
        andi.page.locator(".dialog [data-desk][aria-checked=true]").wait_for()
        andi.page.locator("[data-name=reason]").fill(REASON)
        andi.press("Control+Enter")
        andi.page.locator(".veil").wait_for(state="detached")
        andi.page.locator(f"{tile(1)} .tile__line:has-text('Budi')").wait_for()

    def await_offer(self) -> None:
        card = self.budi.page.locator(".offer[data-kind=offer]")
        card.wait_for()
        assert REASON in card.inner_text()
        time.sleep(1)  # a key that was on its way when the card came would answer nothing

    def await_ended(self, how: str) -> None:
        self.andi.page.locator(f".offer[data-kind={how}]").wait_for()
        until(
            lambda: self.budi.page.locator(".offer[data-kind=offer]").count() == 0,
            "no offer is left on the card",
        )


@pytest.fixture(scope="module")
def two(counters: Counters, chromium: Browser) -> TwoDesks:
    counters.close()
    counter = counters.open(2, settings=BOTH_FLOWS)
    third = BoothPage(open_context(chromium, 3), 3)
    third.open(counter.server.url, counter.spare_code)
    third.await_screen("idle", within_s=20)
    budi = ConsolePage(open_context(chromium, COLLEAGUE))
    budi.page.set_viewport_size(CONSOLE_WINDOW)
    budi.sign_in(counter.server.url, "budi", PASSWORD)
    budi.page.goto(f"{counter.server.url}/console?desk=2&open")
    budi.await_ready(within_s=20)
    made = TwoDesks(counter, counter.console, budi, {**counter.booths, 3: third})
    for booth in made.booths.values():
        booth.page.set_viewport_size(CONSOLE_WINDOW)
        sit_down(booth)
    for number in counter.booths:
        counter.console.await_media(number)
    budi.await_media(1)
    return made


def test_declined_and_withdrawn_it_stays(two: TwoDesks) -> None:
    two.offer()
    two.await_offer()
    two.budi.press("q")
    two.await_ended("declined")
    two.offer()
    two.await_offer()
    two.andi.press("h")
    two.andi.page.locator(".dialog").wait_for()
    two.andi.press("Control+Enter")
    until(
        lambda: two.budi.page.locator(".offer:visible").count() == 0, "the offer has been withdrawn"
    )
    assert two.andi.states[0] != "vacant"
    assert two.budi.states[1] == "vacant"


def test_it_goes_with_everything_and_its_visitor_types_on(two: TwoDesks) -> None:
    booth = two.booths[1]
    two.andi.talk(1)
    two.assert_private({OFFICER: {1: "2"}, 1: {OFFICER: "2"}})
    two.andi.hold()
    await_field(booth, "name")
    type_in(booth, "Siti")
    two.offer()
    type_in(booth, " Ra")
    two.await_offer()
    two.budi.press("y")
    two.await_ended("accepted")
    type_in(booth, "hayu")
    # At his own screen nothing was asked again, and nothing typed is lost.
    assert booth.screen == "form"
    assert "Budi Santoso" in booth.page.locator(".strip__who").inner_text()
    two.budi.await_state(2, "hold", "waiting")
    until(lambda: two.andi.states[0] == "vacant", "it has left the first desk")
    two.look_at(two.budi, 2)
    two.budi.page.locator(".row[data-field=name] dd.num:has-text('Siti Rahayu')").wait_for()
    two.budi.page.locator(f".sheet__tells :text('{REASON}')").wait_for()
    two.assert_private({})
    two.budi.await_picture(1)
    # Sound both ways with the new officer, and with nobody else.
    two.budi.await_media(2)
    two.budi.talk(2)
    two.assert_private({COLLEAGUE: {1: "4"}, 1: {COLLEAGUE: "2"}})
    # The others' talk is not touched by it.
    two.andi.talk(2)
    two.assert_private(
        {
            COLLEAGUE: {1: "4"},
            1: {COLLEAGUE: "2"},
            OFFICER: {2: "4"},
            2: {OFFICER: "2"},
        }
    )
    two.andi.press("1")
    assert two.andi.hearing == [2]
    two.andi.hold()
    two.budi.hold()
    two.assert_private({})
    for page in (two.andi, two.budi, *two.booths.values()):
        assert page.faults == []


def test_when_the_visit_ends_the_booth_goes_home(two: TwoDesks) -> None:
    leave(two.booths[1])
    until(lambda: two.budi.states[1] == "wrap_up", "the colleague wraps up", SOON_S)

    def wrapped_up() -> bool:
        two.budi.press("Enter")  # brings the question, then answers it
        return two.budi.states[1] != "wrap_up"

    until(wrapped_up, "the booth takes tickets again", SOON_S)
    until(lambda: two.andi.states[0] == "empty", "booth 1 is in its own place", SOON_S)
    until(lambda: two.budi.states[1] == "vacant", "and has left the other")
