"""The officer turns, cuts and enlarges pictures: by keys, mouse and touch, and undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import pictures
from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import until
from tests.browser.server import BOTH_FLOWS
from tests.browser.test_accessibility import assert_good

pytestmark = pytest.mark.browser

CARD = ".pane:first-child"
BOX = f"{CARD} .crop__box"
KEEP = f"{CARD} [data-name=keep]"
WIDTH, HEIGHT = pictures.CARD_SIZE


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Iterator[Counter]:
    """With the pictures of a visit before the officer."""
    counter = counters.open(1, settings=BOTH_FLOWS)
    booth, console = counter.booths[1], counter.console
    booth.await_screen("idle", within_s=30)
    booth.touch(".stage .btn--main")
    booth.await_screen("services")
    booth.touch("[data-service=jht]")
    booth.await_screen("consent")
    booth.touch(".stage .btn--main")
    console.await_media(1)
    console.page.locator(".sheet__flowhead:visible").wait_for()
    occupant = console.page.evaluate("vcsConsole.facts.tile(1).occupant")
    assert pictures.send(booth, "id_card", pictures.card(), occupant) == []
    assert pictures.send(booth, "face", pictures.face(), occupant) == []
    console.press("v")
    console.page.locator(".compare:visible").wait_for()
    console.page.locator(f"{CARD} .pane__name").click()
    yield counter
    # The next one finds an empty booth.
    console.press("e")
    console.page.locator(".dialog [data-name=confirm]").click()
    booth.await_screen("idle", within_s=30)


def versions(counter: Counter) -> list[str]:
    """What stands beside the original, and which is looked at."""
    return list(
        counter.console.page.evaluate(
            """(pane) => [...document.querySelectorAll(`${pane} .version`)]
              .map((each) => each.ariaPressed)""",
            CARD,
        )
    )


def rectangle(counter: Counter) -> list[int]:
    """Of the crop, as its words tell it: width, height, left, top."""
    words = counter.console.page.locator(BOX).get_attribute("aria-label") or ""
    return [int(number) for number in _numbers(words)]


def _numbers(words: str) -> list[str]:
    return "".join(sign if sign.isdigit() else " " for sign in words).split()


def shown(counter: Counter) -> dict[str, Any]:
    """The picture itself as the server has it: its size in pixels."""
    size: dict[str, Any] = counter.console.page.evaluate(
        """async (pane) => {
          const image = document.querySelector(`${pane} .pane__img`);
          await image.decode();
          return { width: image.naturalWidth, height: image.naturalHeight };
        }""",
        CARD,
    )
    return size


def test_a_crop_by_keys_is_kept_beside_the_original(counter: Counter) -> None:
    console = counter.console
    console.press("p")
    console.page.locator(f"{BOX}:focus").wait_for()
    width, height, left, top = rectangle(counter)
    assert 0 < left < WIDTH / 4
    console.press("ArrowRight")
    console.press("ArrowDown")
    assert rectangle(counter) == [width, height, left + 24, top + 24]
    for _ in range(4):
        console.press("Shift+ArrowLeft")
    assert rectangle(counter) == [width - 96, height, left + 24, top + 24]
    # A corner by itself.
    console.press("Tab")
    console.press("ArrowRight")
    assert rectangle(counter) == [width - 120, height, left + 48, top + 24]
    assert console.air == "none"
    console.press("Enter")
    until(lambda: versions(counter) == ["false", "true"], "the crop is kept and looked at")
    assert shown(counter) == {"width": width - 120, "height": height}
    assert console.faults == []


def test_the_original_is_chosen_again_and_outlives_the_page(counter: Counter) -> None:
    console = counter.console
    console.page.locator(f"{CARD} .version").first.click()
    until(lambda: versions(counter) == ["true", "false"], "the original is looked at")
    assert shown(counter) == {"width": WIDTH, "height": HEIGHT}
    console.page.reload()
    console.open_desk()
    console.await_ready()
    console.page.locator(".shot[data-capture=id_card] img:visible").wait_for()
    console.press("v")
    until(lambda: versions(counter) == ["true", "false"], "as it was left")
    console.page.locator(f"{CARD} .pane__name").click()


def test_turned_by_keys_and_kept(counter: Counter) -> None:
    console = counter.console
    console.press(".")
    console.page.locator(f"{KEEP}:visible").wait_for()
    # Nothing is judged by what is not kept.
    yes = console.page.locator(".compare [data-name=yes]")
    assert yes.get_attribute("aria-disabled") == "true"
    console.press("x")
    console.page.locator(KEEP).wait_for(state="hidden")
    assert console.page.locator(".compare:visible").count() == 1
    console.press(",")
    console.press("Enter")
    until(lambda: versions(counter) == ["false", "false", "true"], "turned and kept")
    assert shown(counter) == {"width": HEIGHT, "height": WIDTH}
    assert yes.get_attribute("aria-disabled") is None
    # Turned back, it is the original: nothing more is derived.
    console.press(".")
    console.press("Enter")
    until(lambda: versions(counter) == ["true", "false", "false"], "the original again")


def test_a_crop_by_mouse_and_its_least_size(counter: Counter) -> None:
    console = counter.console
    mouse = console.page.mouse
    console.page.locator(f"{CARD} [data-word='pane.crop']").click()
    console.page.locator(f"{BOX}:visible").wait_for()
    before = rectangle(counter)
    corner = console.page.locator(f"{CARD} [data-edges=rb]").bounding_box()
    assert corner is not None
    assert min(corner["width"], corner["height"]) >= 24
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 60, y - 40, steps=4)
    mouse.up()
    after = rectangle(counter)
    assert after[2:] == before[2:]
    assert after[0] < before[0]
    assert after[1] < before[1]
    mouse.move(x - 100, y - 80)
    mouse.down()
    mouse.move(x - 110, y - 2000, steps=4)
    mouse.up()
    assert rectangle(counter)[3] == 0, "no further than the picture"
    mouse.move(x - 60, y - 40)
    box = console.page.locator(f"{CARD} [data-edges=rb]").bounding_box()
    assert box is not None
    mouse.move(box["x"] + 14, box["y"] + 14)
    mouse.down()
    mouse.move(0, 0, steps=4)
    mouse.up()
    assert rectangle(counter)[:2] == [32, 32]
    console.press("Escape")
    console.page.locator(BOX).wait_for(state="hidden")
    assert len(versions(counter)) == 3


def test_what_the_server_refuses_is_told_beside_the_button(counter: Counter) -> None:
    console = counter.console
    console.press("p")
    refusal = {"type": "sheet_refused", "code": "cut_many", "message": ""}
    console.page.evaluate(
        """(refusal) => {
          const { signal } = vcsConsole;
          const request = signal.request.bind(signal);
          signal.request = async (message) => {
            if (message.type !== 'derive_capture') return request(message);
            signal.request = request;
            throw Object.assign(new Error(refusal.code), { code: refusal.code });
          };
        }""",
        refusal,
    )
    console.press("Enter")
    console.page.locator(f"{CARD} .pane__bar[data-tone=bad]:visible").wait_for()
    assert console.page.locator(f"{BOX}:visible").count() == 1, "the crop is still there"
    assert_good(console.page, "a crop that is refused")
    console.press("x")


def test_enlarged_by_wheel_fingers_and_keys_and_moved(counter: Counter) -> None:
    console = counter.console
    page = console.page

    def seen() -> list[float]:
        box = page.locator(f"{CARD} .pane__img").bounding_box()
        assert box is not None
        return [box["x"], box["width"]]

    area = page.locator(f"{CARD} .pane__pic").bounding_box()
    assert area is not None
    middle = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    at_first = seen()
    page.mouse.move(*middle)
    page.mouse.wheel(0, -100)
    until(lambda: seen()[1] > at_first[1] * 1.2, "larger by the wheel")
    page.mouse.down()
    page.mouse.move(middle[0] + 40, middle[1], steps=3)
    page.mouse.up()
    moved = seen()
    page.locator(CARD).focus()
    console.press("ArrowRight")
    assert seen()[0] < moved[0]
    for _ in range(3):
        console.press("Shift+Z")
    assert seen()[1] == pytest.approx(at_first[1], abs=1)
    # Two fingers that part.
    x, y = middle
    page.evaluate(
        """([pane, x, y]) => {
          const view = document.querySelector(`${pane} .pane__pic`);
          const touch = (type, pointerId, clientX) => view.dispatchEvent(new PointerEvent(type, {
            pointerId, clientX, clientY: y, pointerType: 'touch', bubbles: true, buttons: 1,
          }));
          touch('pointerdown', 11, x - 20);
          touch('pointerdown', 12, x + 20);
          touch('pointermove', 11, x - 40);
          touch('pointermove', 12, x + 40);
          touch('pointerup', 11, x - 40);
          touch('pointerup', 12, x + 40);
        }""",
        [CARD, x, y],
    )
    assert seen()[1] == pytest.approx(2 * at_first[1], rel=0.02)
    for _ in range(4):
        console.press("Shift+Z")


def test_the_numbers_of_rectangles(counter: Counter) -> None:
    """Turned and turned back is where it was, at every turn; moved and sized stays inside."""
    wrong = counter.console.page.evaluate(
        """async () => {
          const cut = await import('/static/console/cut.js');
          const size = [640, 480];
          const wrong = [];
          let seed = 7;
          const random = (most) => { seed = (seed * 48271) % 2147483647; return seed % most; };
          for (let round = 0; round < 2000; round += 1) {
            const left = random(600); const top = random(440);
            const one = [left, top, left + 32 + random(608 - left), top + 32 + random(448 - top)];
            const turns = random(4);
            const turned = cut.turnRectangle(one, size, turns);
            const back = cut.uprightRectangle(turned, size, turns);
            if (String(back) !== String(one)) wrong.push(['back', one, turns, back]);
            const within = cut.turnedSize(size, turns);
            const edges = ['l', 't', 'r', 'b', 'lt', 'rb'][random(6)];
            const way = [random(2000) - 1000, random(2000) - 1000];
            const both = [
              cut.moved(turned, ...way, within), cut.sized(turned, edges, ...way, within),
            ];
            for (const next of both) {
              const [a, b, c, d] = next;
              if (a < 0 || b < 0 || c > within[0] || d > within[1] || c - a < 32 || d - b < 32) {
                wrong.push([edges, turned, way, next]);
              }
            }
          }
          return wrong.slice(0, 3);
        }"""
    )
    assert wrong == []


def test_the_pictures_for_everybody(counter: Counter) -> None:
    console = counter.console
    for language in ("en", "id"):
        assert_good(console.page, f"pictures compared, {language}")
        console.press("p")
        assert_good(console.page, f"a crop, {language}")
        console.press("x")
        console.press(".")
        assert_good(console.page, f"turned, {language}")
        console.press("x")
        console.page.locator(".keys .btn").nth(-2).click()
        console.page.locator(f"html[lang={language}]").wait_for()
        console.page.locator(f"{CARD} .pane__name").click()
    assert console.faults == []
