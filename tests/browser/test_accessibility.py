"""Every page in its main states under axe-core: WCAG 2.2, levels A and AA."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import fill_in_sign_in
from tests.browser.server import BOTH_FLOWS, GUARD, PASSWORD

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2, settings=BOTH_FLOWS)


def complaints(page: Page) -> list[str]:
    """What axe finds: the rule, and the first element of each kind."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE} }}")
    found: list[dict[str, Any]] = page.evaluate(
        "async (rules) => (await axe.run(document, { runOnly: rules })).violations", RULES
    )
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_good(page: Page, state: str) -> None:
    found = complaints(page)
    assert not found, f"{state}: " + "\n".join(found)


def test_it_complains_of_what_is_wrong(counter: Counter) -> None:
    page = counter.browser.new_context(bypass_csp=True).new_page()
    page.set_content("<html lang='id'><title>x</title><p style='color:#bbb'>hardly seen</p>")
    assert [each.split(":")[0] for each in complaints(page)] == ["color-contrast"]
    page.context.close()


def test_the_booth(counter: Counter) -> None:
    booth = counter.booths[1]
    booth.await_screen("idle")
    for language in ("en", "id"):
        booth.page.locator(f".lang [lang={language}]").first.click()
        assert_good(booth.page, f"idle, {language}")
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    assert_good(booth.page, "services")
    booth.touch("[data-service=ticket]")
    booth.await_screen("ticket")
    assert_good(booth.page, "ticket")
    booth.touch(".stage .acts .btn")
    booth.touch("[data-service=jht]")
    booth.await_screen("consent")
    assert_good(booth.page, "consent")
    booth.touch(".stage .btn--main")
    booth.await_screen("form")
    assert_good(booth.page, "form")


def test_the_console(counter: Counter) -> None:
    console = counter.console
    console.await_ready()
    assert_good(console.page, "desk in hold")
    console.page.locator(".tile").first.click()
    console.page.locator(".sheet .path, .sheet").first.wait_for()
    assert_good(console.page, "a booth in focus")
    console.press("?")
    assert_good(console.page, "help")
    console.press("Escape")
    console.talk(1)
    assert_good(console.page, "on air")
    console.hold()


def test_the_rest_of_the_officers_day(counter: Counter) -> None:
    """In both languages: wrap-up, the question of a break, a break, closing, closed."""
    console = counter.console
    page = console.page
    language = page.locator(".keys .btn[aria-label]", has_text="EN").or_(
        page.locator(".keys .btn[aria-label]", has_text="ID")
    )

    def in_both(state: str) -> None:
        for _ in range(2):
            assert_good(page, state)
            language.last.click()

    console.talk(1)
    console.hold()
    console.press("e")
    page.locator(".dialog [data-name=confirm]").click()
    page.locator(".dialog [data-name=closing-note]").wait_for()
    assert_good(page, "wrap-up")
    console.press("Escape")
    console.await_ready()  # a long look may have cost the page its connection
    console.press("b")
    page.locator(".dialog [data-minutes='5']").wait_for()
    assert_good(page, "how long a break")
    console.press("Enter")
    page.locator(".day[data-face=pause]").wait_for()
    in_both("break")
    console.await_ready()
    console.press("b")
    page.locator(".day").wait_for(state="hidden")
    console.await_ready()
    page.locator("[data-name=close-desk]").click()
    page.locator(".day[data-face=closing]").wait_for()
    in_both("closing")
    console.await_ready()
    page.locator("[data-name=close]").click()
    page.locator(".day[data-face=closed]").wait_for()
    in_both("closed")
    counter.booths[1].await_screen("closed")
    assert_good(counter.booths[1].page, "booth of a closed desk")
    console.await_ready()
    page.locator("[data-name=open-again]").click()
    page.locator(".day").wait_for(state="hidden")


def test_sign_in_and_gate(counter: Counter) -> None:
    context = counter.browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{counter.server.url}/console")
    page.locator("#name").wait_for()
    assert_good(page, "sign-in")
    fill_in_sign_in(page, "budi", PASSWORD)
    page.locator("[data-name=open]").wait_for()
    assert_good(page, "gate")
    page.goto(f"{counter.server.url}/cases")
    page.locator(".told[data-state=done]").wait_for()
    assert_good(page, "cases")
    page.locator("tbody .btn").first.wait_for()
    context.close()


def test_the_guards_tablet(counter: Counter) -> None:
    context = counter.browser.new_context(bypass_csp=True)
    context.add_init_script("window.print = () => {};")
    page = context.new_page()
    page.goto(f"{counter.server.url}/sign-in")
    fill_in_sign_in(page, GUARD, PASSWORD)
    page.wait_for_url("**/guard")
    page.locator(".form").wait_for()
    assert_good(page, "new ticket")
    page.locator(".form .btn--main").click()
    page.locator(".slip").wait_for()
    assert_good(page, "printed")
    page.locator("[data-act=call]").click()
    page.locator(".tag--call").wait_for()
    assert_good(page, "called")
    context.close()
