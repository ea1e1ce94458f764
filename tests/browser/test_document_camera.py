"""A booth with a second camera for papers: lit for a still alone, never sent live, and a way on
when it is gone. Both cameras are canvases of their own colours and sizes."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, until
from tests.browser.server import BOTH_FLOWS
from tests.browser.test_accessibility import assert_good

pytestmark = pytest.mark.browser

PAPER = "paper"
NAME = "Test table camera (0bda:5852)"
SIZE = (1600, 1200)
HUE = 204  # blue; the first booth's main camera is of 51
MAIN_SIZE = (320, 180)
SECOND = {"width": SIZE[0], "height": SIZE[1], "hue": HUE, "label": "P", "name": NAME}
TAKE = ".shot__take"


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    """One booth with two cameras, that for papers named by the kiosk's address."""
    counter = counters.open(1, pictures=(MAIN_SIZE,), settings=BOTH_FLOWS)
    booth = counter.booths[1]
    booth.context.add_init_script(f"testPerson.paper = {json.dumps(SECOND)};")
    boot(booth, "document=table camera")
    booth.await_screen("idle")
    sit_down(counter)
    return counter


def boot(booth: BoothPage, fragment: str) -> None:
    """The page loaded anew, from an address with this fragment."""
    booth.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    booth.page.reload()


def sit_down(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=jht]")
    booth.await_screen("consent")
    booth.touch(".stage .btn--main")
    booth.await_screen("form")
    console.await_media(1)
    console.page.locator(".sheet__flowhead:visible").wait_for()


def ask(counter: Counter, capture: str, camera: str | None = None) -> None:
    """By the officer's menu; the booth shows it."""
    console, booth = counter.console, counter.booths[1]
    console.press("c")
    item = console.page.locator(f".askmenu li:has([data-capture={capture}])")
    button = "[data-capture]" if camera is None else f"[data-camera={camera}]"
    item.locator(button).click()
    booth.await_screen("capture")


def camera_sign(booth: BoothPage) -> str:
    return booth.page.locator("[data-device=camera] b").inner_text()


def last_picture(counter: Counter, count: int) -> tuple[tuple[int, int], float]:
    """Size and hue of the picture that is the visit's `count`th."""
    pictures = counter.console.page.locator(".shot img:visible")
    until(lambda: pictures.count() >= count, f"{count} pictures")
    return measured(counter, pictures.last.get_attribute("src") or "")


def measured(counter: Counter, source: str) -> tuple[tuple[int, int], float]:
    response = counter.console.context.request.get(counter.server.url + source.split("?")[0])
    image = Image.open(io.BytesIO(response.body()))
    red, green, blue = np.asarray(image.convert("RGB"), float).reshape(-1, 3).mean(axis=0)
    angle = np.arctan2(np.sqrt(3) * (green - blue) / 2, red - (green + blue) / 2)
    return image.size, float(np.degrees(angle) % 360)


def test_the_console_knows_of_both_and_the_light_is_off(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    until(
        lambda: console.page.evaluate("vcsConsole.facts.tile(1).document") == "off",
        "the booth told of its second camera",
    )
    assert booth.gives("video")
    assert not booth.gives(PAPER)
    console.press("c")
    assert console.page.locator(".askmenu__other:visible").count() == 4
    assert_good(console.page, "the capture menu of a booth with two cameras")
    console.press("Escape")
    console.await_picture(1)


def test_a_still_of_it_is_of_its_full_size_and_its_light_goes_off(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    alone = camera_sign(booth)
    ask(counter, "employment_letter")
    until(lambda: booth.gives(PAPER), "it is lit")
    booth.await_picture(4, ".view video")  # 4 times 51 degrees
    assert camera_sign(booth) != alone
    # What the officer is sent goes on being the main camera's.
    console.await_picture(1)
    assert_good(booth.page, "a picture by the camera for papers")
    booth.touch(TAKE)
    until(lambda: not booth.gives(PAPER), "its light is off")
    size, hue = last_picture(counter, 1)
    assert size == SIZE
    assert abs(hue - HUE) < 20
    until(lambda: booth.screen == "form" or booth.page.locator(TAKE).count() > 0, "what comes next")
    leave_verdict(booth)
    assert camera_sign(booth) == alone
    assert booth.faults == []


def leave_verdict(booth: BoothPage) -> None:
    """A canvas is a poor paper: on without a better one."""
    if booth.screen == "capture":
        booth.page.locator(".split .acts .btn").last.click()
    booth.await_screen("form")


def test_the_officer_chooses_the_camera(counter: Counter) -> None:
    booth = counter.booths[1]
    ask(counter, "bank_book", "main")
    booth.await_picture(1, ".view video")
    assert not booth.gives(PAPER)
    booth.touch(TAKE)
    size, hue = last_picture(counter, 2)
    assert size == MAIN_SIZE
    assert abs(hue - 51) < 20
    leave_verdict(booth)


def test_unplugged_in_the_middle_there_is_a_way_on(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    ask(counter, "employment_letter")
    until(lambda: booth.gives(PAPER), "it is lit")
    booth.unplug(PAPER)
    booth.page.locator("[data-problem=no_document]").wait_for()
    booth.await_picture(1, ".view video")
    assert_good(booth.page, "the camera for papers is gone")
    until(
        lambda: console.page.evaluate("vcsConsole.facts.tile(1).document") == "ended",
        "the officer is told",
    )
    # Plugged in again, it is used again.
    booth.plug(PAPER)
    until(lambda: booth.gives(PAPER), "it is lit again")
    booth.unplug(PAPER)
    booth.page.locator("[data-problem=no_document]").wait_for()
    booth.touch(TAKE)
    until(
        lambda: (
            console.page.evaluate(
                "document.querySelector('.shot[data-capture=employment_letter]').dataset.tone"
            )
            != "note"
        ),
        "the picture came by the main camera",
    )
    leave_verdict(booth)
    assert booth.faults == []


def test_it_never_takes_the_main_cameras_place(counter: Counter) -> None:
    booth, console = counter.booths[1], counter.console
    booth.plug(PAPER)
    booth.unplug("video")
    until(
        lambda: console.page.evaluate("vcsConsole.facts.tile(1).camera") != "ok",
        "the main camera is gone",
    )
    opened = booth.devices_opened
    until(lambda: booth.devices_opened > opened or not booth.gives(PAPER), "nothing else is opened")
    assert not booth.gives(PAPER)
    booth.plug("video")
    console.await_picture(1, within_s=15)


def test_whoever_sets_the_booth_up_chooses_by_sight(counter: Counter) -> None:
    booth = counter.booths[1]
    boot(booth, "cameras")
    one = booth.page.locator(".setup__one")
    until(lambda: one.count() == 2, "both cameras are shown")
    assert_good(booth.page, "choosing cameras")
    paper = booth.page.locator(f"[data-device={PAPER}]")
    assert paper.locator("[data-role=document]").get_attribute("aria-pressed") == "true"
    paper.locator("[data-role=none]").click()
    booth.page.locator(".setup .btn--main").click()
    booth.await_screen("idle", "consent")
    kept: dict[str, Any] = booth.page.evaluate(
        "JSON.parse(localStorage.getItem('vcs.booth.cameras'))"
    )
    assert kept == {"main": {"id": "cam", "label": "Test camera"}, "document": None}


def test_a_device_is_known_by_its_id_else_by_its_name(counter: Counter) -> None:
    picked = counter.booths[1].page.evaluate(
        """async () => {
          const { pick } = await import('/static/booth/cameras.js');
          const all = [['a', 'Front'], ['b', 'Table X'], ['c', 'Front']]
            .map(([deviceId, label]) => ({ deviceId, label }));
          const of = (role, chosen, these = all) =>
            pick(role, these, { main: null, document: null, ...chosen })?.deviceId ?? null;
          return [
            of('main', {}),
            of('document', { document: { id: 'b', label: 'Other' } }),
            of('document', { document: { id: 'gone', label: 'Table X' } }),
            of('document', { document: { id: null, label: 'Table' } }),
            of('main', { document: { id: null, label: 'Table' } }),
            of('main', { main: { id: 'c', label: 'Front' } }),
            of('document', {
              main: { id: 'a', label: 'Front' }, document: { id: 'c', label: 'Front' },
            }),
            of('main', { document: { id: 'b', label: '' } }, all.slice(1, 2)),
          ];
        }"""
    )
    assert picked == [None, "b", "b", "b", "a", "c", "c", None]
