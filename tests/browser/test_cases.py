"""The list of case files: found by name, opened in a window of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import fill_in_sign_in, until
from tests.browser.server import PASSWORD

pytestmark = pytest.mark.browser

WINDOWS = [(1280, 720), (2560, 1440), (800, 1000)]


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    """One visitor has been there and left."""
    counter = counters.open(2)
    counter.seat()
    return counter


@pytest.fixture
def page(counter: Counter) -> Iterator[Page]:
    context = counter.browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{counter.server.url}/cases")
    fill_in_sign_in(page, "budi", PASSWORD)
    page.wait_for_url("**/cases")
    page.locator(".told[data-state=done]").wait_for()
    yield page
    context.close()


def test_a_visit_is_found_and_opened(page: Page) -> None:
    assert page.locator("tbody tr").count() >= 2
    page.locator("input[name=text]").fill("nobody of this name")
    page.keyboard.press("Enter")
    until(lambda: page.locator("tbody tr").count() == 0, "nothing is found")
    assert "cocok" in str(page.locator(".told").text_content())
    page.locator("input[name=text]").fill("")
    page.keyboard.press("Enter")
    until(lambda: page.locator("tbody tr").count() >= 2, "all are found")
    visit = page.locator("tbody tr").first.get_attribute("data-visit")
    with page.context.expect_page() as opened:
        page.locator("tbody tr .btn").first.click()
    case = opened.value
    case.wait_for_load_state()
    assert str(visit) in case.title()
    assert case.locator("h1").count() == 1
    with page.expect_download() as saved:
        page.locator("tbody tr .btn").nth(1).click()
    assert saved.value.suggested_filename == f"case-{visit}.zip"


def test_it_speaks_both_languages_and_fits(page: Page) -> None:
    page.locator("[data-language=en]").click()
    until(lambda: page.locator("h1").text_content() == "Case files", "English")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        wider = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert wider <= 0, (width, height)
