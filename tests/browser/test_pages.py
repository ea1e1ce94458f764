"""The pages as a browser gets them: policy, weight, and room for what they show."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, Route

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BOOTH_WINDOW, CONSOLE_WINDOW, fill_in_sign_in, until
from tests.browser.server import PASSWORD

pytestmark = pytest.mark.browser

MAX_BYTES = 300_000
CONSOLE_WINDOWS = [(1280, 720), (2560, 1440)]
BOOTH_WINDOWS = [(1280, 720), (1080, 1920)]


class Watched:
    """A page in a browser that nothing is changed in, and all that it asked for and complained
    about."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_context().new_page()
        self.responses: list[Response] = []
        self.complaints: list[str] = []
        self.page.on("response", lambda response: self.responses.append(response))
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        # The sign-in page asks whether somebody is signed in already; 401 is the answer.
        if message.type in ("error", "warning") and "/api/me" not in str(message.location):
            self.complaints.append(message.text)

    def foreign(self, own: str) -> list[str]:
        return [
            each.url for each in self.responses if not each.url.startswith((own, "data:", "blob:"))
        ]

    def weight(self) -> int:
        """Bytes of the page and everything that it loaded, each file once."""
        sizes: dict[str, int] = self.page.evaluate(
            """() => Object.fromEntries(
              ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))
                .map(({ name, decodedBodySize }) => [name, decodedBodySize]),
            )"""
        )
        return sum(sizes.values())


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(2)


def test_the_pages_keep_to_their_policy_and_weight(counter: Counter) -> None:
    """A whole talk under the real policy with the browser's own camera and microphone."""
    url = counter.server.url
    booth, console = Watched(counter.browser), Watched(counter.browser)
    booth.page.goto(f"{url}/booth#pair={counter.spare_code}")
    booth.page.locator("[data-screen=idle] .btn--main").click()
    booth.page.locator("[data-screen=consent] .btn--main").click()
    booth.page.locator("[data-screen=waiting] .self video").wait_for()
    console.page.goto(f"{url}/console")
    fill_in_sign_in(console.page, "budi", PASSWORD)
    console.page.locator(".choice").nth(1).click()
    console.page.locator("[data-name=open]").click()
    console.page.locator(".tile[data-slot='1'][data-picture=live]").wait_for()
    console.page.keyboard.press("1")
    console.page.locator(".air[data-air=talk]").wait_for()
    booth.page.locator("[data-screen=onair] .onair.is-live").wait_for()
    for watched in (booth, console):
        assert watched.complaints == []
        assert watched.foreign(url) == []
        assert "content-security-policy" in watched.responses[0].headers
        assert 0 < watched.weight() < MAX_BYTES
        watched.page.context.close()


def test_who_signs_in_before_the_page_is_ready_is_waited_for(counter: Counter) -> None:
    """On a slow link the fields are there before the script, as for a password manager that fills
    and sends them: the browser must not send the form by itself, to a page of refusal."""
    page = counter.browser.new_context().new_page()
    held: list[Route] = []
    holding = True
    page.route(
        "**/static/i18n.js", lambda route: held.append(route) if holding else route.continue_()
    )
    page.goto(f"{counter.server.url}/sign-in", wait_until="commit")
    page.locator("#name").fill("budi")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.locator(".form__go").dispatch_event("click")
    until(lambda: bool(held), "the script is waited for")
    assert page.locator(".form__go").is_disabled()
    waiting, holding = list(held), False
    for route in waiting:
        route.continue_()
    page.locator(".form__go").click()
    page.locator("[data-name=open], .choice").first.wait_for()
    page.context.close()


def test_no_booth_screen_is_wider_than_its_window(counter: Counter) -> None:
    booth = counter.booths[1]
    wide: list[tuple[object, ...]] = []

    def measure() -> None:
        for width, height in BOOTH_WINDOWS:
            booth.page.set_viewport_size({"width": width, "height": height})
            for language in ("en", "id"):
                booth.touch(f".lang [lang={language}]")
                booth.page.locator(f"html[lang={language}]").wait_for(state="attached")
                if booth.overflow() > 0:
                    wide.append((booth.screen, width, height, language, booth.overflow()))

    measure()
    booth.start()
    measure()
    booth.agree()
    counter.console.await_media(1)
    measure()
    booth.touch(".top .btn")
    booth.await_screen("menu")
    measure()
    booth.touch(".acts .btn")
    counter.talk(1)
    booth.await_screen("onair")
    measure()
    counter.console.press("t")
    counter.console.page.locator("[data-name=text]").fill("Kartu " * 40)
    counter.console.press("Enter")
    booth.await_screen("message")
    measure()
    counter.console.hold()
    measure()
    booth.page.set_viewport_size(BOOTH_WINDOW)
    assert wide == []


def test_no_console_is_wider_than_its_window(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    console = counter.console
    wide: list[tuple[object, ...]] = []
    for width, height in CONSOLE_WINDOWS:
        console.page.set_viewport_size({"width": width, "height": height})
        for _ in ("en", "id"):
            before = console.page.locator("html").get_attribute("lang")
            console.page.locator(".keys .btn:has([data-icon=globe])").click()
            console.page.locator(f"html:not([lang={before}])").wait_for(state="attached")
            for key in ("", "e", "m", "?"):
                if key:
                    console.press(key)
                    console.page.locator(".dialog").wait_for()
                if console.overflow() > 0:
                    wide.append((key, width, height, before, console.overflow()))
                if key:
                    console.page.locator(".dialog__foot .btn").first.click()
                    console.page.locator(".dialog").wait_for(state="detached")
    console.page.set_viewport_size(CONSOLE_WINDOW)
    assert wide == []
