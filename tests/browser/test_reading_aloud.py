"""The booth's page reads its screens aloud when it was asked to, and never into a talk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, until
from tests.browser.server import BOTH_FLOWS
from tests.browser.visitor_alone import await_field, leave, sit_down

pytestmark = pytest.mark.browser

LOCALE = Path(__file__).parents[2] / "web" / "locale"
CONSENT = ("title", "lead", "seen", "heard", "level", "others", "photos", "stop")
NAME = ["Data diri", "Nama lengkap", "Ketik sama persis seperti di KTP Anda."]
READ = ".top .read"
# Each recording as it begins, by its address; played fast, because a minute of reading proves no
# more than a few seconds of it.
WATCH = """() => {
  window.recordings = [];
  window.rate = 8;
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this.src.includes('/static/voices/')) {
      window.recordings.push(this);
      this.defaultPlaybackRate = this.playbackRate = window.rate;
    }
    return play.call(this);
  };
}"""
SAID = "recordings.map(({ src }) => decodeURI(new URL(src).pathname))"
SPEAKS = "recordings.some((each) => !each.paused && !each.ended)"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    counter = counters.open(1, settings=BOTH_FLOWS)
    counter.booths[1].page.evaluate(WATCH)
    return counter


def _said(booth: BoothPage) -> list[str]:
    """Texts, of the recordings in their order; each must have come."""
    index = booth.page.request.get(booth.page.url.split("/booth")[0] + "/static/voices/id.json")
    texts = {name: text for text, name in index.json().items()}
    assert all(booth.page.evaluate("recordings.map(({ error }) => error === null)"))
    return [texts[path.rpartition("/")[2]] for path in booth.page.evaluate(SAID)]


def _await_said(booth: BoothPage, wanted: list[str]) -> None:
    """These, and then nothing more."""
    until(lambda: _said(booth)[-1:] == wanted[-1:], f"it says {wanted[-1]}", within_s=60)
    until(lambda: not booth.page.evaluate(SPEAKS), "it has ended", within_s=60)
    assert _said(booth) == wanted
    booth.page.evaluate("recordings.length = 0")


def test_nothing_is_read_unless_it_is_asked_for(counter: Counter) -> None:
    booth = counter.booths[1]
    sit_down(booth)
    assert booth.page.locator(READ).get_attribute("aria-pressed") == "false"
    assert booth.page.evaluate("recordings.length") == 0
    leave(booth)
    booth.touch(".stage .btn")
    booth.await_screen("idle")


def test_each_screen_is_read_from_the_consent_to_the_goodbye(counter: Counter) -> None:
    booth = counter.booths[1]
    words = json.loads((LOCALE / "booth.id.json").read_text())
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=jht]")
    booth.await_screen("consent")
    booth.touch(".stage .btn >> nth=2")
    _await_said(booth, [words[f"consent.{key}"] for key in CONSENT])

    booth.touch(".stage .btn--main")
    await_field(booth, "name")
    _await_said(booth, NAME)
    # What comes up on the same screen is read alone.
    booth.page.keyboard.press("Enter")
    _await_said(booth, [words["problem.text.empty"], words["problem.text.empty.do"]])

    booth.touch(READ)
    assert booth.page.locator(READ).get_attribute("aria-pressed") == "false"
    booth.touch(READ)
    until(lambda: bool(_said(booth)), "reading begins again")
    booth.touch(READ)
    until(lambda: not booth.page.evaluate(SPEAKS), "a touch ends it at once")
    booth.touch(READ)


def test_nothing_is_read_into_a_talk(counter: Counter) -> None:
    booth = counter.booths[1]
    booth.page.evaluate("recordings.length = 0; rate = 0.5")
    booth.touch(READ)
    booth.touch(READ)
    until(lambda: bool(booth.page.evaluate(SPEAKS)), "it reads, slowly")
    counter.console.talk(1)
    booth.await_screen("onair")
    assert not booth.page.evaluate(SPEAKS)
    said = len(_said(booth))
    counter.hearing(1)  # some seconds pass
    assert len(_said(booth)) == said
    booth.page.evaluate("rate = 8")
    counter.console.hold()
    await_field(booth, "name")
    until(lambda: _said(booth)[said:] == NAME, "the form is read again")


def test_the_next_visitor_is_not_read_to(counter: Counter) -> None:
    booth = counter.booths[1]
    leave(booth)
    booth.touch(".stage .btn")
    booth.await_screen("idle")
    booth.page.evaluate("recordings.length = 0")
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    assert booth.page.locator(READ).get_attribute("aria-pressed") == "false"
    assert booth.page.evaluate("recordings.length") == 0
