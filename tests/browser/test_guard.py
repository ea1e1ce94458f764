"""The guard's tablet: a ticket is printed, called, and opens a visit at a booth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import fill_in_sign_in, tile, until
from tests.browser.server import BOTH_FLOWS, BRANCH, GUARD, PASSWORD

pytestmark = pytest.mark.browser

WINDOWS = [(1024, 768), (1280, 800), (1920, 1080), (768, 1024)]
PRINTED = "window.testPrinted = 0; window.print = () => { window.testPrinted += 1; };"

HOLD_BEFORE_CAMERA = """async (svg) => {
  const picture = new Image(320, 320);
  picture.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const pen = canvas.getContext('2d');
  const draw = () => {
    pen.fillStyle = '#888';
    pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = '#fff';
    pen.fillRect(400, 120, 480, 480);
    pen.drawImage(picture, 480, 200, 320, 320);
  };
  setInterval(draw, 100);
  draw();
  window.testTicketTrack = canvas.captureStream(10).getVideoTracks()[0];
  window.testOwnDevices = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = async () => new MediaStream([testTicketTrack]);
}"""
SENDING = """() => [0, 1].map((index) => vcsBooth.media.sender(index)?.track ?? null)
    .filter((track) => track !== null).length"""


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
    fill_in_sign_in(page, GUARD, PASSWORD)
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


def next_alone(page: Page) -> str:
    """A new ticket, and nobody before it: its number. Its slip is on the page."""
    page.locator(".form .btn--main").click()
    code = str(page.locator(".slip .code").text_content())
    until(lambda: code in codes(page, "Menunggu"), f"{code} waits")
    for waiting in codes(page, "Menunggu"):
        if waiting != code:
            page.locator(f"[data-code={waiting}] .btn").last.click()
    until(lambda: codes(page, "Menunggu") == [code], f"{code} is next")
    return code


def test_a_ticket_is_printed_called_and_used(counter: Counter, tablet: Page) -> None:
    assert tablet.locator(".branch").text_content() == BRANCH
    until(lambda: booths(tablet) == ["free", "free", "off"], "two free booths")
    assert tablet.locator("[data-act=call]").is_disabled(), "nobody waits"
    tablet.locator("#name").fill("Sri Wahyuni")
    tablet.keyboard.press("Enter")
    tablet.locator(".slip .qr").wait_for()
    assert tablet.locator(".slip .code").text_content() == "A-001"
    assert tablet.evaluate("testPrinted") == 1
    drawn = tablet.locator(".slip .qr")
    assert drawn.evaluate(
        "(svg) => svg instanceof SVGSVGElement && svg.querySelector('path') !== null"
    )
    box = drawn.bounding_box()
    assert box is not None and box["width"] == box["height"] > 100
    tablet.locator(".next").click()
    tablet.locator(".pick", has_text="Lansia").click()
    tablet.locator(".form .btn--main").click()
    until(lambda: codes(tablet, "Menunggu") == ["A-002", "A-001"], "priority comes first")

    tablet.locator("[data-act=call]").click()
    until(lambda: codes(tablet, "Dipanggil") == ["A-002"], "the first is called")
    assert booths(tablet)[:2] == ["called", "free"]
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
    until(lambda: booths(tablet)[:2] == ["busy", "free"], "his booth is taken")
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


def test_a_refusal_is_told_as_one_beside_what_was_pressed(tablet: Page) -> None:
    next_alone(tablet)
    refused = '{"error": {"code": "no_free_booth", "message": ""}}'
    tablet.route("**/api/tickets/call", lambda route: route.fulfill(status=409, body=refused))
    for language, words in (("id", "Tidak ada bilik kosong."), ("en", "No booth is free.")):
        tablet.locator(f"[data-language={language}]").click()
        tablet.locator("[data-act=call]").click()
        tablet.locator(f"aside .problem[role=alert]:has-text('{words}')").wait_for()
    tablet.locator("[data-language=id]").click()


def test_a_server_that_is_gone_is_told(tablet: Page) -> None:
    tablet.context.set_offline(True)
    tablet.locator(".trouble").wait_for()
    tablet.locator(".form .btn--main").click()
    tablet.locator(".form .problem").wait_for()
    tablet.context.set_offline(False)
    tablet.locator(".trouble").wait_for(state="hidden")


def test_a_ticket_is_read_by_the_camera_and_nothing_of_it_is_sent(
    counter: Counter, tablet: Page
) -> None:
    next_alone(tablet)
    svg = tablet.locator(".slip .qr").evaluate(
        "(svg) => new XMLSerializer().serializeToString(svg)"
    )
    booth = counter.booths[2]
    booth.await_screen("idle")
    booth.page.evaluate(HOLD_BEFORE_CAMERA, svg)
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=ticket]")
    booth.await_screen("ticket")
    assert booth.page.locator(".strip [data-device=camera]").get_attribute("data-state") == "off"
    booth.touch("[data-reading=start]")
    until(lambda: booth.screen == "consent", "the code is read")
    assert booth.page.evaluate("testTicketTrack.readyState") == "ended"
    assert booth.page.evaluate(SENDING) == 0
    assert booth.page.locator(".strip [data-device=camera]").get_attribute("data-state") == "off"
    booth.page.evaluate("() => { navigator.mediaDevices.getUserMedia = testOwnDevices; }")
    booth.agree_again()


def test_while_the_camera_reads_its_sign_is_on_and_nobody_sees(counter: Counter) -> None:
    booth = counter.booths[2]
    booth.page.reload()
    booth.await_screen("idle", "consent")
    if booth.screen == "consent":
        booth.touch(".stage .btn >> nth=1")
        booth.await_screen("goodbye", "idle")
    if booth.screen == "goodbye":
        booth.touch(".stage .btn")
    booth.await_screen("idle")
    booth.page.evaluate(HOLD_BEFORE_CAMERA, "<svg xmlns='http://www.w3.org/2000/svg'/>")
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=ticket]")
    booth.touch("[data-reading=start]")
    sign = booth.page.locator(".strip [data-device=camera]")
    until(lambda: sign.get_attribute("data-state") == "live", "the camera's sign is on")
    assert booth.page.evaluate(SENDING) == 0
    counter.console.await_state(2, "empty", "wrap_up")
    booth.touch("[data-reading=stop]")
    until(lambda: sign.get_attribute("data-state") == "off", "the sign is off")
    assert booth.page.evaluate("testTicketTrack.readyState") == "ended"


def test_the_officer_sees_who_waits_and_calls(counter: Counter, tablet: Page) -> None:
    console = counter.console
    console.await_state(2, "empty", "wrap_up")
    code = next_alone(tablet)
    line = console.page.locator(f"{tile(2)} .tile__line")
    queue = console.page.locator(".next__queue")
    until(lambda: "1 menunggu di cabang" in str(queue.text_content()), "how many wait")
    console.page.locator(f"{tile(2)} .tile__face").click()
    call = console.page.locator(".focus__bar .btn--main", has_text=f"Panggil {code}")
    call.wait_for()
    call.click()
    until(lambda: "Dipanggil" in str(line.text_content()), "who was called, on the tile")
    until(lambda: codes(tablet, "Dipanggil") == [code], "the guard sees it too")
    assert not call.is_visible()
