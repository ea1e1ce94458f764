"""Parts that the console loads when they are wanted: once, and again when they could not be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import ConsolePage, fill_in_sign_in, tile, until
from tests.browser.server import BOTH_FLOWS, PASSWORD
from tests.browser.test_pages import Watched
from tests.browser.visitor_alone import sit_down

pytestmark = pytest.mark.browser

CLAIM = ("console/claim.js", "claim.css")
PICTURES = ("console/compare.js", "compare.css")
PROBLEM = ".air__problem:visible"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Iterator[Counter]:
    counter = counters.open(1, settings=BOTH_FLOWS)
    booth = counter.booths[1]
    booth.await_screen("idle", within_s=30)
    yield counter
    # The next one finds an empty booth.
    console = counter.console
    console.press("e")
    console.page.locator(".dialog [data-name=confirm]").click()
    booth.await_screen("idle", within_s=30)


def begin(counter: Counter) -> None:
    """A visitor begins a claim, unless one is there."""
    booth = counter.booths[1]
    if booth.screen == "idle":
        sit_down(booth)
    counter.console.await_media(1)


def loaded(page: Page, name: str) -> bool:
    return bool(
        page.evaluate(
            """(name) => performance.getEntriesByType('resource')
                 .some((each) => each.name.endsWith(`/static/${name}`))""",
            name,
        )
    )


@contextmanager
def held(console: ConsolePage, name: str, ask: Callable[[], object]) -> Iterator[None]:
    """`ask()` has the console ask for this file, once, and it is on its way until the end."""
    url = f"**/static/{name}"
    waiting: list[Route] = []
    console.page.route(url, lambda route: waiting.append(route))
    with console.page.expect_request(url):
        ask()
    yield
    (route,) = waiting
    route.continue_()
    console.page.unroute(url)


@contextmanager
def not_had(console: ConsolePage, name: str) -> Iterator[None]:
    console.page.route(f"**/static/{name}", lambda route: route.abort())
    yield
    console.page.unroute(f"**/static/{name}")


def reopen(counter: Counter) -> None:
    """The console anew, with nothing of a claim loaded."""
    counter.console.page.reload()
    counter.console.open_desk()


@pytest.mark.parametrize("missing", [*CLAIM, "console/shots.js"])
def test_a_claims_sheet_that_cannot_be_loaded_is_told_and_comes_by_itself(
    counter: Counter, missing: str
) -> None:
    begin(counter)
    console = counter.console
    with not_had(console, missing):
        reopen(counter)
        console.page.locator(".sheet > .tell[role=alert]:visible").wait_for()
        assert console.page.locator(".sheet [data-row=consent]").is_visible()
        for key in ("c", "v", "d", "k", "g", "x"):
            console.press(key)
        assert console.page.locator(".dialog, .askmenu:visible").count() == 0
        # In vain once more: some browsers keep what an import could not have.
        with console.page.expect_event("requestfailed", lambda each: each.url.endswith(missing)):
            pass
    console.page.locator(".sheet__flowhead:visible").wait_for()
    until(
        lambda: console.page.locator(".sheet > .tell[role=alert]:visible").count() == 0,
        "nothing is missing any more",
    )
    for once in (".sheet__flowhead", ".shots", ".askmenu", "[href='/static/claim.css']"):
        assert console.page.locator(once).count() == 1, once
    flags = console.page.locator("[data-flag=prompted]")
    assert flags.get_attribute("aria-pressed") == "false"
    assert console.faults == []


def test_a_sheet_that_comes_late_shows_what_was_typed_meanwhile(counter: Counter) -> None:
    begin(counter)
    console = counter.console
    with held(console, CLAIM[0], lambda: reopen(counter)):
        counter.booths[1].page.evaluate(
            "vcsBooth.signal.send({ type: 'draft', field: 'name', value: 'Siti Ra' })"
        )
        console.page.locator(f"{tile(1)} .steps:visible").wait_for()
        assert console.page.locator(".sheet > .tell[role=alert]:visible").count() == 0
    console.page.locator(".row[data-field=name][data-tone=live]").wait_for()


def test_what_cannot_be_loaded_is_told_and_comes_at_the_next_press(counter: Counter) -> None:
    begin(counter)
    console = counter.console
    reopen(counter)
    console.page.locator(".sheet__flowhead:visible").wait_for()
    shown = {
        ("console/hand-over.js", "h"): ".dialog [data-name=reason]",
        ("console/decide.js", "d"): ".dialog [data-outcome]",
        ("day.css", "b"): ".dialog [data-minutes]",
        ("link-panel.css", "l"): ".linkpanel:visible",
        # There is no picture yet: what is loaded says so.
        ("console/compare.js", "v"): ".sheet__tells [role=alert]:visible",
    }
    for (missing, key), comes in shown.items():
        with not_had(console, missing):
            console.press(key)
            console.page.locator(PROBLEM).wait_for()
            assert console.page.locator(comes).count() == 0, missing
        console.press(key)
        console.page.locator(comes).first.wait_for()
        assert console.page.locator(".dialog, .linkpanel:visible, .compare").count() == 1, missing
        console.press("l" if key == "l" else "Escape")
        console.page.locator(".dialog").wait_for(state="detached")
        # What was told goes before the next one is told.
        console.page.locator(PROBLEM).wait_for(state="detached")
    assert console.faults == []


def test_a_dialog_that_comes_late_opens_once_and_for_the_booth_that_was_meant(
    counter: Counter,
) -> None:
    begin(counter)
    console = counter.console
    reopen(counter)
    console.page.locator(".sheet__flowhead:visible").wait_for()
    with held(console, "console/hand-over.js", lambda: console.press("h")):
        console.page.locator(f"{tile(2)} .tile__face").click()
    console.page.evaluate("import('/static/console/hand-over.js')")
    assert console.page.locator(".dialog").count() == 0
    console.page.locator(f"{tile(1)} .tile__face").click()
    console.page.locator(".sheet__flowhead:visible").wait_for()

    reopen(counter)
    console.page.locator(".sheet__flowhead:visible").wait_for()
    with held(console, "console/hand-over.js", lambda: console.press("h")):
        console.press("h")
    console.page.locator(".dialog [data-name=reason]").wait_for()
    assert console.page.locator(".dialog").count() == 1
    console.press("Escape")
    console.page.locator(".dialog").wait_for(state="detached")
    assert console.faults == []


def test_what_is_loaded_later_keeps_to_the_pages_policy(counter: Counter) -> None:
    """A claim at the other desk, under the real policy."""
    url = counter.server.url
    booth, console = Watched(counter.browser), Watched(counter.browser)
    booth.page.goto(f"{url}/booth#pair={counter.spare_code}")
    console.page.goto(f"{url}/console?desk=2&open")
    fill_in_sign_in(console.page, "budi", PASSWORD)
    console.page.locator(".sheet__calm:visible").wait_for()
    assert not any(loaded(console.page, name) for name in (*CLAIM, *PICTURES))
    booth.page.locator("[data-screen=idle] .btn--main").click()
    booth.page.locator("[data-service=jht]").click()
    booth.page.locator("[data-screen=consent] .btn--main").click()
    console.page.locator(".sheet__flowhead:visible").wait_for()
    assert all(loaded(console.page, name) for name in CLAIM)
    console.page.keyboard.press("v")
    console.page.locator(".sheet__tells [role=alert]:visible").wait_for()
    assert all(loaded(console.page, name) for name in PICTURES)
    for watched in (booth, console):
        assert watched.complaints == []
        assert watched.foreign(url) == []
        watched.page.context.close()
