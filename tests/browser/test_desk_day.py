"""An officer's day at the console: wrap-up, the next visitor, a break, closing, opening again."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import tile, until
from tests.browser.server import GUARD, PASSWORD

pytestmark = pytest.mark.browser


class Door:
    """The guard, without his tablet."""

    def __init__(self, counter: Counter) -> None:
        self._url = counter.server.url
        self._cookie = ""
        answer = self._ask("/api/sign-in", {"name": GUARD, "password": PASSWORD})
        self._cookie = str(answer.headers["Set-Cookie"]).split(";")[0]

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Origin": self._url, "Cookie": self._cookie}
        return urllib.request.urlopen(urllib.request.Request(self._url + path, data, headers))

    def standing(self) -> Any:
        return json.load(self._ask("/api/queue"))

    def ticket(self) -> str:
        flow = self.standing()["services"][0]["flow"]
        return str(json.load(self._ask("/api/tickets", {"flow": flow}))["code"])

    def use(self, booth: int) -> str:
        return str(self.standing()["queue"]["booths"][booth - 1]["use"])


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    counters.close()
    return counters.open(2)


def end_visit(counter: Counter, slot: int) -> None:
    console = counter.console
    console.page.locator(f"{tile(slot)} .tile__face").click()
    console.press("e")
    console.page.locator(".dialog [data-name=confirm]").click()


def test_an_officers_day(counter: Counter) -> None:
    console, door = counter.console, Door(counter)
    page = console.page
    counter.seat()
    code = door.ticket()

    # Wrap-up: the booth takes no ticket, the others are talked to all the same.
    counter.talk(2)
    console.hold()
    end_visit(counter, 2)
    console.await_state(2, "wrap_up")
    dialog = page.locator(".dialog", has_text="Rampungkan")
    dialog.wait_for()
    assert door.use(2) == "wrapping_up"
    assert "1×" in str(dialog.locator(".sums").text_content())
    page.locator("[data-name=closing-note]").fill("Akan kembali 1 Desember")
    page.keyboard.press("Tab")
    counter.talk(1)
    until(lambda: dialog.count() == 0, "the dialog makes room for the talk")
    console.hold()
    assert console.states[1] == "wrap_up"

    # The same booth again, and the next one by a key; digits in the note are digits.
    page.locator(f"{tile(2)} .tile__face").click()
    dialog.wait_for()
    note = page.locator("[data-name=closing-note]")
    until(lambda: note.input_value() == "Akan kembali 1 Desember", "the note was kept")
    page.locator(".dialog [data-name=next]", has_text=f"Panggil {code}").wait_for()
    until(lambda: press_next(counter), "Enter calls")
    console.await_state(2, "empty")
    until(
        lambda: f"tiket {code}" in str(page.locator(f"{tile(2)} .tile__line").text_content()),
        "who was called, on the tile",
    )

    # A break: hold, nobody called, told at the booth; a call for help is seen; one key back.
    page.keyboard.press("b")
    page.locator(".dialog [data-minutes='15']").wait_for()
    page.keyboard.press("Enter")
    page.locator(".day[data-face=pause]").wait_for()
    booth = counter.booths[1]
    until(lambda: "Petugas kembali sekitar pukul" in booth.page.inner_text(".stage"), "the hour")
    assert door.use(2) == "on_break"
    booth.touch(".strip .btn")
    console.await_state(1, "calling")
    page.keyboard.press("1")
    until(lambda: "Anda istirahat" in page.inner_text(".air"), "no talk on a break")
    assert console.air == "none"
    counter.server.kill()  # and a power cut
    counter.server.start()
    page.locator(".day[data-face=pause]").wait_for(timeout=60_000)
    until(lambda: page.evaluate("vcsConsole.facts.known"), "the server is back")
    page.keyboard.press("b")
    page.locator(".day[data-face=pause]").wait_for(state="hidden")

    # Closing: who is there stays, nobody new, nobody called loses his place.
    booth.await_screen("consent")
    booth.agree()
    console.await_ready()
    console.await_media(1)
    page.locator("[data-name=close-desk]").click()
    page.locator(".day[data-face=closing]").wait_for()
    counter.booths[2].await_screen("closed")
    until(lambda: door.standing()["queue"]["called"] == [], "who was called waits again")
    assert [each["code"] for each in door.standing()["queue"]["waiting"]] == [code]
    close = page.locator("[data-name=close]")
    assert close.get_attribute("aria-disabled") == "true"
    assert "Tinggal bilik 1" in page.inner_text(".closing")
    counter.talk(1)
    page.locator(".day").wait_for(state="hidden")
    console.hold()
    end_visit(counter, 1)
    page.locator("[data-name=next]", has_text="Selesai").wait_for()
    page.keyboard.press("Escape")
    page.locator(".day[data-face=closing]").wait_for()
    until(lambda: close.get_attribute("aria-disabled") is None, "nobody is left")
    close.click()
    page.locator(".day[data-face=closed]").wait_for()
    booth.await_screen("closed")
    sums = page.locator("[data-name=tally] dd")
    until(lambda: sums.first.text_content() == "2", "two visits today")
    page.locator("[data-name=open-again]").click()
    booth.await_screen("idle")
    page.locator(".day").wait_for(state="hidden")
    assert door.use(1) == "free"
    assert counter.faults() == []


def press_next(counter: Counter) -> bool:
    """The dialog takes no key in its first moment."""
    page = counter.console.page
    there = page.evaluate(
        """() => {
          const next = document.querySelector('.dialog [data-name=next]');
          next?.focus();
          return next !== null;
        }"""
    )
    if there:
        page.keyboard.press("Enter")
    return not there
