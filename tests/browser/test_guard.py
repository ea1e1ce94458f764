"""The guard's tablet: a ticket is printed, called, and opens a visit at a booth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import until
from tests.browser.server import BOTH_FLOWS, BRANCH, GUARD, PASSWORD

pytestmark = pytest.mark.browser

WINDOWS = [(1024, 768), (1280, 800), (1920, 1080), (768, 1024)]
PRINTED = "window.testPrinted = 0; window.print = () => { window.testPrinted += 1; };"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2, settings=BOTH_FLOWS)


@pytest.fixture
def tablet(counter: Counter) -> Iterator[Page]:
    """Signed in by the form, which leads to the guard's page."""
    context = counter.browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(PRINTED)
    page = context.new_page()
    page.goto(f"{counter.server.url}/console")
    page.locator("#name").fill(GUARD)
    page.locator("#password").fill(PASSWORD)
    page.locator(".form__go").click()
    page.wait_for_url("**/guard")
    page.locator(".form").wait_for()
    yield page
    context.close()


def codes(page: Page, heading: str) -> list[str]:
    """Of the list under this heading."""
    found: list[str] = page.evaluate(
        """(heading) => {
          const title = [...document.querySelectorAll('aside h2')]
            .find((each) => each.textContent.startsWith(heading));
          const list = title?.nextElementSibling;
          return [...(list?.querySelectorAll('.row') ?? [])].map(({ dataset }) => dataset.code);
        }""",
        heading,
    )
    return found


def booths(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.booths li')].map(({ dataset }) => dataset.use)"
    )
    return found


def test_a_ticket_is_printed_called_and_used(counter: Counter, tablet: Page) -> None:
    assert tablet.locator(".branch").text_content() == BRANCH
    until(lambda: booths(tablet) == ["free", "free"], "two free booths")
    assert tablet.locator("[data-act=call]").is_disabled(), "nobody waits"
    tablet.locator("#name").fill("Sri Wahyuni")
    tablet.keyboard.press("Enter")
    tablet.locator(".slip .qr").wait_for()
    assert tablet.locator(".slip .code").text_content() == "A-001"
    assert tablet.evaluate("testPrinted") == 1
    tablet.locator(".next").click()
    tablet.locator(".pick", has_text="Lansia").click()
    tablet.locator(".form .btn--main").click()
    until(lambda: codes(tablet, "Menunggu") == ["A-002", "A-001"], "priority comes first")

    tablet.locator("[data-act=call]").click()
    until(lambda: codes(tablet, "Dipanggil") == ["A-002"], "the first is called")
    assert booths(tablet) == ["called", "free"]
    booth = counter.booths[1]
    booth.await_screen("idle")
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=ticket]")
    booth.await_screen("ticket")
    for key in ("9", "Enter"):
        booth.page.keyboard.press(key)
    booth.page.locator(".form__trouble:not(:empty)").wait_for()
    booth.page.keyboard.press("Backspace")
    for key in ("2", "Enter"):
        booth.page.keyboard.press(key)
    booth.await_screen("consent")
    until(lambda: codes(tablet, "Dipanggil") == [], "he has come")
    until(lambda: booths(tablet) == ["busy", "free"], "his booth is taken")
    booth.agree_again()

    tablet.locator("[data-act=call]").click()
    until(lambda: codes(tablet, "Dipanggil") == ["A-001"], "the next is called")
    tablet.get_by_role("button", name="Tidak datang").click()
    until(lambda: codes(tablet, "Tidak datang") == ["A-001"], "he has not come")
    assert codes(tablet, "Dipanggil") == []


def test_it_speaks_both_languages_and_fits(tablet: Page) -> None:
    tablet.locator("[data-language=en]").click()
    until(lambda: tablet.locator("h1").text_content() == "New ticket", "English")
    assert tablet.locator("aside h2").first.text_content() == "Booths"
    for width, height in WINDOWS:
        tablet.set_viewport_size({"width": width, "height": height})
        wider = tablet.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert wider <= 0, (width, height)
    tablet.locator("[data-language=id]").click()


def test_it_is_worked_by_keys_alone(tablet: Page) -> None:
    tablet.locator("input[name=flow]").first.focus()
    tablet.keyboard.press("ArrowRight")
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("ArrowRight")
    tablet.keyboard.press("Tab")
    tablet.keyboard.type("Joko")
    tablet.keyboard.press("Enter")
    tablet.locator(".slip").wait_for()
    assert str(tablet.locator(".slip .code").text_content()).startswith("B-")
    assert "Lansia" in str(tablet.locator(".told .hint").text_content())
    assert tablet.evaluate("document.activeElement.tagName") == "H1", "the reader hears the number"


def test_a_server_that_is_gone_is_told(tablet: Page) -> None:
    tablet.context.set_offline(True)
    tablet.locator(".trouble").wait_for()
    tablet.locator(".form .btn--main").click()
    tablet.locator(".form .problem").wait_for()
    tablet.context.set_offline(False)
    tablet.locator(".trouble").wait_for(state="hidden")
