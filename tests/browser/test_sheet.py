"""The officer's work on a claim: what the sheet shows, and that what is pressed is what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, until
from tests.browser.server import BOTH_FLOWS
from tests.browser.visitor_alone import sit_down

pytestmark = pytest.mark.browser

NAME = "Siti Rahmawati"
IDENTITY = {
    "name": NAME,
    "birth_date": "1989-07-12",
    "sex": "female",
    "nik": "3174055207890004",
    "mother_name": "Aminah",
    "membership": "11032214875",
    "phone": "081288412230",
}
WINDOWS = [(1280, 720), (1920, 1080), (2560, 1440)]


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    counter = counters.open(1, settings=BOTH_FLOWS)
    booth = counter.booths[1]
    sit_down(booth)
    counter.console.await_media(1)
    counter.console.page.locator(".sheet__flowhead:visible").wait_for()
    return counter


def _say(booth: BoothPage, message: dict[str, Any]) -> None:
    """As the booth's page would, once this was typed there."""
    booth.page.evaluate("(message) => vcsBooth.signal.send(message)", message)


def _submit(booth: BoothPage, answers: dict[str, str]) -> None:
    for number, (field, value) in enumerate(answers.items()):
        _say(booth, {"type": "submit", "id": 900_000 + number, "field": field, "value": value})


def _row(counter: Counter, field: str, tone: str) -> str:
    """What stands in a row once it is of this tone."""
    row = counter.console.page.locator(f".row[data-field={field}][data-tone={tone}] dd.num")
    row.wait_for()
    return row.inner_text()


def test_the_sheet_follows_what_is_typed_and_submitted(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    _say(booth, {"type": "draft", "field": "name", "value": "Siti Ra"})
    assert _row(counter, "name", "live").startswith("Siti Ra")
    _submit(booth, IDENTITY)
    assert _row(counter, "nik", "good").startswith("3174 0552 0789 0004")
    assert _row(counter, "membership", "good").startswith("1103 2214 875")
    assert "1989-07-12" not in _row(counter, "birth_date", "good")
    console.page.locator(f".sheet__flowhead h2:text-is('{NAME}')").wait_for()
    console.page.locator(f".tile[data-slot='1'] .tile__name:text-is('{NAME}')").wait_for()
    assert console.faults == []


def test_a_mark_is_shown_when_the_server_has_it(counter: Counter) -> None:
    page = counter.console.page
    check = page.locator("[data-check]").first
    for mark in ("passed", "failed", "open"):
        check.click()
        until(lambda mark=mark: check.get_attribute("data-mark") == mark, f"the line is {mark}")
    counter.console.press("k")
    flag = page.locator("[data-flag=prompted]")
    until(lambda: flag.get_attribute("aria-pressed") == "true", "the flag is raised")
    page.locator(".tile[data-slot='1'] .tile__flags:visible").wait_for()
    counter.console.press("k")
    until(lambda: flag.get_attribute("aria-pressed") == "false", "the flag is taken back")


def test_keys_are_letters_in_the_notes_and_the_notes_outlive_the_page(counter: Counter) -> None:
    console = counter.console
    notes = console.page.locator("[data-name=notes]")
    notes.click()
    console.page.keyboard.type("dfk 123")
    console.page.locator(".notes__status[data-status=saved]").wait_for()
    assert notes.input_value() == "dfk 123"
    assert console.page.locator(".dialog").count() == 0
    assert console.page.locator("[data-flag=broker]").get_attribute("aria-pressed") == "false"
    console.press("Escape")
    assert console.page.evaluate("document.activeElement === document.body")
    console.page.reload()
    console.open_desk()
    console.await_ready()
    until(lambda: notes.input_value() == "dfk 123", "the notes stand there again")


def test_a_picture_that_is_asked_for_counts_as_asked(counter: Counter) -> None:
    console = counter.console
    console.press("c")
    console.page.locator(".askmenu [data-capture=face]").click()
    shot = console.page.locator(".shot[data-capture=face]")
    until(lambda: shot.get_attribute("data-tone") == "note", "the picture is asked for")


def test_no_part_of_the_sheet_leaves_the_window(counter: Counter) -> None:
    console = counter.console
    before = console.page.viewport_size
    wide: list[tuple[object, ...]] = []
    for width, height in WINDOWS:
        console.page.set_viewport_size({"width": width, "height": height})
        for key in ("", "c", "d"):
            if key:
                console.press(key)
            lowest = console.page.evaluate(
                """Math.max(...[...document.querySelectorAll(
                     '.work .btn, .shot, .dialog, .askmenu')]
                   .filter((node) => node.offsetParent)
                   .map((node) => node.getBoundingClientRect().bottom))"""
            )
            if console.overflow() > 0 or lowest > height:
                wide.append((key, width, height, console.overflow(), lowest))
            console.press("Escape")
    assert before is not None
    console.page.set_viewport_size(before)
    assert wide == []


def test_a_decision_is_told_once_and_corrected_by_another(counter: Counter) -> None:
    console = counter.console
    dialog = console.page.locator(".dialog")
    console.press("d")
    dialog.wait_for()
    approve = dialog.locator("[data-outcome=approved]")
    assert approve.get_attribute("aria-disabled") == "true"
    console.press("r")
    assert dialog.locator("[data-name=confirm]").get_attribute("aria-disabled") == "true"
    console.press("Escape")
    dialog.wait_for(state="detached")
    assert console.air == "none"

    console.press("d")
    console.press("p")
    dialog.locator("[data-reason]:visible").first.click()
    console.press("Control+Enter")
    dialog.wait_for(state="detached")
    decided = console.page.locator(".decided:visible")
    until(lambda: decided.get_attribute("data-outcome") == "pending", "it is decided")
    console.press("d")
    console.press("r")
    dialog.locator("[data-reason]:visible").first.click()
    console.press("Control+Enter")
    dialog.wait_for(state="detached")
    until(lambda: decided.get_attribute("data-outcome") == "rejected", "it is corrected")
    counter.booths[1].await_screen("result")


def test_a_visitor_who_has_gone_leaves_a_word_and_no_name(counter: Counter) -> None:
    console = counter.console
    console.press("e")
    console.page.locator(".dialog [data-name=confirm]").click()
    console.await_state(1, "wrap_up")
    wrap_up = console.page.locator(".dialog", has_text=NAME)
    wrap_up.wait_for()
    press = "(all) => all.forEach((each) => each.click())"  # waits for none: it may be gone by now
    done = wrap_up.locator("[data-name=next]")
    until(lambda: done.evaluate_all(press) or wrap_up.count() == 0, "it is over")
    console.await_state(1, "empty")
    console.page.locator(".sheet__calm:visible").wait_for()
    until(lambda: NAME not in console.page.content(), "nothing of the visitor is left on the page")
    assert console.faults == []
