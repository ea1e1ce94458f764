"""One visit, from its words on the screen to the last trace of it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, until
from tests.browser.visitor_alone import leave

pytestmark = pytest.mark.browser

LARGE = 1 / 20
WORDS = "Silakan tunjukkan kartu Anda"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2)


def _write(counter: Counter, text: str) -> None:
    counter.console.press("t")
    counter.console.page.locator("[data-name=text]").fill(text)
    counter.console.press("Enter")


def _letter_share(booth: BoothPage, what: str) -> float:
    """Of the window's height."""
    return float(
        booth.page.locator(what).evaluate(
            "(node) => parseFloat(getComputedStyle(node).fontSize) / innerHeight"
        )
    )


def test_words_reach_the_booth_on_air_alone_and_are_read(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    booth, other = counter.booths[1], counter.booths[2]
    _write(counter, WORDS)
    booth.await_screen("message")
    assert booth.page.locator(".speech").inner_text() == WORDS
    assert _letter_share(booth, ".speech") >= LARGE
    assert booth.sign == "on"
    assert WORDS not in other.page.content()
    sent = counter.console.page.locator(".words__sent")
    until(lambda: sent.get_attribute("data-status") == "sent", "the text counts as sent")
    booth.touch(".message .btn--main")
    booth.await_screen("onair")
    until(lambda: sent.get_attribute("data-status") == "read", "the officer sees that it was read")
    assert WORDS not in booth.page.content()
    counter.console.page.locator("[data-name=text]").evaluate("(field) => field.blur()")


def test_a_call_for_help_comes_first(counter: Counter) -> None:
    counter.seat()
    counter.booths[2].touch(".strip .btn")
    counter.console.await_state(2, "calling")
    first = counter.console.page.locator(".next__go").first
    assert first.inner_text().startswith("2")
    counter.console.press("n")
    counter.console.await_state(2, "on_air")
    counter.talked.add(2)
    counter.assert_private(2)


def test_the_end_of_a_visit_leaves_nothing(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    booth, console = counter.booths[1], counter.console
    _write(counter, WORDS)
    booth.await_screen("message")
    console.press("Escape")
    console.await_air("none")
    assert booth.gives("video")
    assert booth.gives("audio")
    console.press("e")
    console.page.locator("[data-name=confirm]").click()
    booth.await_screen("goodbye")
    assert not booth.gives("video")
    assert not booth.gives("audio")
    assert booth.kept <= {"vcs.booth.token", "vcs.booth.tab"}
    assert WORDS not in booth.page.content()
    assert booth.look() is None
    console.await_state(1, "empty", "wrap_up")
    console.await_no_picture(".tile[data-slot='1'] video")
    counter.assert_private(None)
    booth.touch(".stage .btn")
    booth.await_screen("idle")
    assert counter.booths[2].screen in ("waiting", "hold")
    assert counter.faults() == []


def test_the_visitor_ends_it_himself(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    booth = counter.booths[1]
    leave(booth)
    assert not booth.gives("video")
    counter.console.await_air("none")
    counter.console.await_state(1, "empty", "wrap_up")
    counter.assert_private(None)
