"""What breaks comes back by itself, and never with more said than the rule allows."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.hearing import OFFICER
from tests.browser.people import tile, tile_video

pytestmark = pytest.mark.browser

BACK_WITHIN_S = 15.0
"""Three times what the product promises."""


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2)


def test_a_booth_page_that_dies_on_air_is_asked_again(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    counter.assert_private(1)
    booth, console = counter.booths[1], counter.console
    booth.reopen()
    console.await_state(1, "offline")
    console.await_air("none")
    assert counter.booths[2].screen in ("waiting", "hold")
    booth.open(counter.server.url)
    booth.await_screen("consent", within_s=BACK_WITHIN_S)
    console.await_state(1, "consent")
    assert booth.devices_opened == 0
    assert console.look(tile_video(1)) is None
    assert not counter.hearing(None).leaks
    booth.agree()
    console.await_picture(1, tile_video(1))
    console.await_media(1)
    counter.talk(1)
    counter.assert_private(1)


def test_without_his_microphone_the_officer_holds(counter: Counter) -> None:
    counter.seat()
    counter.talk(2)
    counter.assert_private(2)
    console, booth = counter.console, counter.booths[2]
    console.unplug("audio")
    console.await_air("none")
    console.page.locator(".air .air__problem").wait_for()
    booth.await_screen("hold")
    assert booth.sign == "hold"
    console.press("2")
    console.page.locator(f"{tile(2)} .tile__line[data-tone=bad]").wait_for()
    assert console.air == "none"
    console.plug("audio")
    console.page.locator(".air .air__problem").wait_for(state="hidden")
    counter.assert_private(None)
    assert (console.air, booth.screen) == ("none", "hold")
    counter.talk(2)
    counter.assert_private(2)


def test_a_booth_camera_that_was_unplugged_is_seen_again(counter: Counter) -> None:
    counter.seat()
    console, booth = counter.console, counter.booths[2]
    console.await_picture(2, tile_video(2))
    trouble = console.page.locator(f"{tile(2)} .tile__line[data-tone=bad]")
    for kind, device in (("video", "camera"), ("audio", "microphone")):
        booth.unplug(kind)
        trouble.wait_for()
        booth.page.locator(f".strip__dev[data-device={device}][data-state=problem]").wait_for()
        booth.plug(kind)
        trouble.wait_for(state="hidden", timeout=BACK_WITHIN_S * 1000)
        assert booth.gives(kind)
    console.await_picture(2, tile_video(2))
    counter.talk(2)
    counter.assert_private(2)


def test_a_second_console_asks_and_takes_over(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    first, booth = counter.console, counter.booths[1]
    second = counter.sign_in("budi")
    second.open_desk()
    take_over = second.page.locator("[data-name=take-over]")
    take_over.wait_for()
    assert "Andi Pratama" in second.page.locator(".notice").inner_text()
    assert (first.air, booth.screen) == ("talk", "onair")
    take_over.click()
    first.page.locator(".notice [data-name=take-back]").wait_for()
    assert "Budi Santoso" in first.page.locator(".notice").inner_text()
    second.await_ready()
    assert booth.screen == "hold"
    assert not first.listen().aloud
    counter.console = second
    counter.seat()
    second.await_picture(1, tile_video(1))
    counter.talk(2)
    counter.assert_private(2)
    counter.booths[2].await_picture(OFFICER)
    first.context.close()
