"""The demo as a newcomer meets it: one command, one link, and six people who move and speak."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.hearing import OFFICER
from tests.browser.people import open_context, until
from tests.browser.server import STOPS_WITHIN_S

pytestmark = pytest.mark.browser

SEATED_WITHIN_S = 60
"""Drawing and encoding six visitors on two busy cores, and their sitting down one after another."""
FRAMES_PER_S = 6
"""Of the 15 that are sent. A browser that is shown the lowest temporal layer alone has 3.75."""
RATES = """() => [...document.querySelectorAll('.tile vcs-picture')]
    .map((picture) => picture.figures?.fps ?? 0)"""
CLAIM_BROUGHT_WITHIN_S = 120
"""Some thirteen answers and four pictures, at the pace of the quickest of them."""
PROGRESS = """() => [1, 2, 3, 4, 5, 6].map((slot) => vcsConsole.facts.tile(slot)?.progress)
    .map((progress) => (progress ? [progress.step, progress.working] : null))"""
STATES = "() => [...document.querySelectorAll('.tile')].map((tile) => tile.dataset.state)"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """The link to the officer's console. The demo has to end by itself when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vcs", "demo", "--port", "0"],
        cwd=tmp_path,
        env={name: text for name, text in os.environ.items() if not name.startswith("VCS_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    told: list[str] = []
    for line in process.stdout:
        told.append(line)
        if link := re.search(r"http://\S+/demo/officer/\S+", line):
            break
    else:
        raise AssertionError(f"the demo printed no link:\n{''.join(told)}")
    try:
        yield link[0]
    finally:
        process.terminate()
        process.communicate(timeout=STOPS_WITHIN_S)
        assert process.returncode == 0


def rates(page: Page) -> list[float]:
    found: list[float] = page.evaluate(RATES)
    return found


def states(page: Page) -> list[str]:
    found: list[str] = page.evaluate(STATES)
    return found


def test_six_people_move_and_each_can_be_talked_to(demo: str, chromium: Browser) -> None:
    context = open_context(chromium, OFFICER)
    try:
        page = context.new_page()
        page.goto(demo)
        until(
            lambda: len(rates(page)) == 6 and min(rates(page)) >= FRAMES_PER_S,
            "six tiles with moving pictures",
            within_s=SEATED_WITHIN_S,
        )
        page.keyboard.press("3")
        until(lambda: states(page)[2] == "on_air", "booth 3 on air")
        assert states(page).count("on_air") == 1
        page.keyboard.press("Escape")
        until(lambda: states(page)[2] == "hold", "booth 3 on hold")
        page.keyboard.down("a")
        until(lambda: states(page) == ["announce"] * 6, "an announcement to all")
        page.keyboard.up("a")
        until(lambda: "announce" not in states(page), "the end of the announcement")
        until(
            lambda: any(found and found[1] == "officer" for found in page.evaluate(PROGRESS)),
            "a visitor who has brought his claim to where the officer is needed",
            within_s=CLAIM_BROUGHT_WITHIN_S,
        )
        assert all(found and found[0] > 1 for found in page.evaluate(PROGRESS))
    finally:
        context.close()
