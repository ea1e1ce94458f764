"""Six booths and an officer in real Chromium: who hears and sees whom, and what the pages say."""

from __future__ import annotations

import random

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import ANNOUNCE, Counter
from tests.browser.people import tile, tile_video, until

pytestmark = pytest.mark.browser

SWITCHES = 24
SEED = 20261121


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    """One of the booths has a picture large enough to be sent in two sizes."""
    return counters.open(6, pictures=((480, 270),))


def test_nothing_of_a_booth_is_open_before_its_visitor_agrees(counter: Counter) -> None:
    for booth in counter.booths.values():
        assert booth.screen == "idle"
        booth.start()
    for number, booth in counter.booths.items():
        assert booth.devices_opened == 0
        counter.console.await_state(number, "consent")
        assert counter.console.look(tile_video(number)) is None
    counter.console.press("1")
    refused = counter.console.page.locator(f"{tile(1)} .tile__line[data-tone=bad]")
    refused.wait_for()
    assert counter.console.air == "none"
    counter.assert_private(None)


def test_every_tile_shows_its_own_booth(counter: Counter) -> None:
    counter.seat()
    for number in counter.booths:
        counter.console.await_picture(number, tile_video(number))


def test_each_visitor_sees_his_own_place(counter: Counter) -> None:
    counter.seat()
    pages = [booth.page for booth in counter.booths.values()]

    def places() -> list[str | None]:
        shown = [page.locator("[data-turn]") for page in pages]
        return [each.get_attribute("data-turn") if each.count() == 1 else None for each in shown]

    until(lambda: sorted(map(str, places())) == list("123456"), "six places, one for each")
    counter.talk(places().index("1") + 1)
    until(lambda: sorted(map(str, places())) == ["1", "2", "3", "4", "5", "None"], "five wait")


def test_switching_at_random_is_private(counter: Counter) -> None:
    counter.seat()
    dice = random.Random(SEED)
    on_air = None
    for step in range(SWITCHES):
        on_air = _switch(counter, dice, on_air)
        counter.assert_signs(on_air)
        counter.assert_private(on_air)
        if step % 3 == 0:
            counter.assert_seen(on_air)
    assert counter.faults() == []


def _switch(counter: Counter, dice: random.Random, on_air: int | None) -> int | None:
    """One press or click; returns who is on air by the server's word."""
    console = counter.console
    by_mouse = dice.random() < 0.3
    if on_air is not None and dice.random() < 0.2:
        if by_mouse:
            console.hold_by_mouse()
        else:
            console.press("Escape")
        console.await_air("none")
        return None
    slot = dice.choice([number for number in counter.booths if number != on_air])
    if by_mouse:
        console.talk_by_mouse(slot)
    else:
        console.press(str(slot))
    console.await_state(slot, "on_air")
    console.await_air("talk")
    counter.talked.add(slot)
    return slot


def test_an_announcement_goes_to_all_and_back_from_none(counter: Counter) -> None:
    counter.seat()
    counter.talk(4)
    console = counter.console
    console.page.keyboard.down("a")
    console.await_air("announce")
    counter.assert_signs(ANNOUNCE)
    counter.assert_private(ANNOUNCE)
    counter.assert_seen(ANNOUNCE)
    console.page.keyboard.up("a")
    console.await_air("none")
    counter.assert_signs(None)
    counter.assert_private(None)
    counter.assert_seen(None)


def test_an_announcement_ends_when_the_officer_looks_elsewhere(counter: Counter) -> None:
    counter.seat()
    console = counter.console
    console.page.keyboard.down("a")
    console.await_air("announce")
    console.page.evaluate("window.dispatchEvent(new Event('blur'))")
    console.await_air("none")
    counter.assert_private(None)
    console.page.keyboard.up("a")


def test_a_killed_server_comes_back_with_nobody_on_air(counter: Counter) -> None:
    counter.seat()
    counter.talk(5)
    counter.assert_private(5)
    counter.server.kill()
    counter.console.await_air("lost", within_s=15)
    assert set(counter.console.states) == {"lost"}
    for booth in counter.booths.values():
        booth.await_screen("reconnect", within_s=15)
        assert booth.sign == "bad"
        assert not booth.gives("video")
    counter.server.start()
    for booth in counter.booths.values():
        booth.await_screen("idle", "consent", within_s=15)
    counter.console.await_ready(within_s=15)
    counter.assert_private(None)
    counter.talked.clear()
    counter.seat()
    counter.talk(2)
    counter.assert_signs(2)
    counter.assert_private(2)
    counter.assert_seen(2)
