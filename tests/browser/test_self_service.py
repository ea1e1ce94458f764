"""What a visitor does alone: a form by touch, a wrong number, a page gone in the middle."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, until
from tests.browser.server import BOTH_FLOWS
from tests.browser.visitor_alone import await_field, leave, sit_down, sit_down_next, type_in

pytestmark = pytest.mark.browser

KIOSK: ViewportSize = {"width": 1280, "height": 720}
NAME = "Siti Rahayu"
MOTHER = "Sri Wahyuni"
WRONG_NIK = "3174051207980004"  # a man's, and the visitor is a woman born on this day
RIGHT_NIK = "3174055207980004"
NEXT = ".stage .form__next"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    counter = counters.open(1, settings=BOTH_FLOWS)
    counter.booths[1].page.set_viewport_size(KIOSK)
    return counter


def _dial(booth: BoothPage, digits: str) -> None:
    for digit in digits:
        booth.touch(f".pad .num span:text-is('{digit}')")


def _digits(booth: BoothPage) -> str:
    label = booth.page.locator(".form .cells").get_attribute("aria-label") or ""
    return label.replace(" ", "")


def test_a_form_goes_on_where_it_was(counter: Counter) -> None:
    booth = counter.booths[1]
    drafts: list[str] = []

    def sent(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "draft":
            drafts.append(message["value"])

    booth.page.on("websocket", lambda socket: socket.on("framesent", sent))
    booth.page.reload()
    sit_down(booth)

    type_in(booth, NAME)
    assert booth.page.locator(".entry").input_value() == NAME
    booth.touch(NEXT)
    await_field(booth, "birth_date")
    _dial(booth, "12071998")
    booth.touch(NEXT)
    await_field(booth, "sex")
    booth.touch("[data-choice=female]")
    booth.touch(NEXT)

    await_field(booth, "nik")
    _dial(booth, WRONG_NIK)
    booth.touch(NEXT)
    problem = booth.page.locator("[data-problem]")
    problem.wait_for()
    assert problem.get_attribute("data-of") == "nik"
    assert (problem.get_attribute("data-problem") or "").startswith("nik.")
    marked = booth.page.locator(".cells .is-bad")
    assert marked.first.inner_text() == "1"
    # The cursor stands at the first wrong digit: typing corrects it in its place.
    _dial(booth, "5")
    assert _digits(booth) == RIGHT_NIK
    booth.touch(NEXT)

    await_field(booth, "mother_name")
    type_in(booth, MOTHER[:7])
    # Looking at the page lets the browser's news of sent frames in.
    until(
        lambda: booth.screen == "form" and drafts[-1:] == [MOTHER[:7]],
        "what stands there is on its way",
    )
    booth.page.reload()
    booth.agree_again()
    await_field(booth, "mother_name")
    assert booth.page.locator(".entry").input_value() == MOTHER[:7]
    type_in(booth, MOTHER[7:])
    booth.touch(NEXT)
    await_field(booth, "membership")
    assert booth.faults == []

    # Back shows what was entered.
    booth.touch(".form__back")
    await_field(booth, "mother_name")
    assert booth.page.locator(".entry").input_value() == MOTHER

    leave(booth)
    page = booth.page.content()
    assert NAME not in page
    assert RIGHT_NIK not in page
    assert booth.kept <= {"vcs.booth.token", "vcs.booth.tab"}
    assert "Siti" not in booth.page.evaluate("JSON.stringify([...Object.entries(sessionStorage)])")


ANSWERED_LATE = """() => {
  const { signal } = vcsBooth;
  const own = signal.request;
  signal.request = function late(message) {
    signal.request = own;
    own.call(signal, message).catch(() => {});
    return Promise.reject(Object.assign(new Error('no answer'), { code: 'timeout' }));
  };
}"""


def test_an_answer_that_was_given_up_and_is_kept_after_all_counts(counter: Counter) -> None:
    booth = counter.booths[1]
    sit_down_next(booth)
    type_in(booth, NAME)
    booth.page.evaluate(ANSWERED_LATE)
    booth.touch(NEXT)
    await_field(booth, "birth_date")
    assert booth.page.locator("[data-problem]").count() == 0
    leave(booth)


def test_a_talk_comes_before_a_form_and_the_form_comes_back(counter: Counter) -> None:
    booth = counter.booths[1]
    sit_down_next(booth)
    type_in(booth, "Budi")
    counter.console.await_media(1)
    counter.console.talk(1)
    booth.await_screen("onair")
    # Of his own step, and so not headed as an interview.
    assert booth.page.locator(".stage h2").inner_text() == "Petugas berbicara dengan Anda"
    counter.console.hold()
    booth.await_screen("form")
    assert booth.sign == "hold"
    assert booth.page.locator(".entry").input_value() == "Budi"
    leave(booth)
