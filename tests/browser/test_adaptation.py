"""When a page sends less of its camera, in the browser that runs it: the decision by made-up
statistics, and what each step makes of a camera."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Counters

pytestmark = pytest.mark.browser

CALM = {"limitation": "none", "encode_ms": 8, "interval_ms": 33}
CPU = {"limitation": "cpu", "encode_ms": 8, "interval_ms": 33}
SLOW_ENCODER = {"limitation": "none", "encode_ms": 24, "interval_ms": 33}
THIN_LINK = {"limitation": "bandwidth", "encode_ms": 8, "interval_ms": 33}
UNKNOWN = {"limitation": "none", "encode_ms": None, "interval_ms": None}


@pytest.fixture(scope="module")
def page(counters: Counters) -> Iterator[Page]:
    """With the browser's own camera, of 1280x720."""
    counter = counters.open(2)
    context = counter.browser.new_context(permissions=["camera"])
    page = context.new_page()
    page.goto(f"{counter.server.url}/booth")
    yield page
    context.close()


def steps(page: Page, *spans: tuple[dict[str, Any], int], names: str = "STEPS") -> list[list[Any]]:
    """[second, step] of each change, while each sample of `spans` repeats for so many seconds."""
    return list(
        page.evaluate(
            """async ([spans, names]) => {
              const adaptation = await import('/static/adaptation.js');
              const one = new adaptation.Adaptation(adaptation[names]);
              const changes = [];
              let at = 0;
              for (const [sample, seconds] of spans) {
                for (const end = at + seconds; at < end; at += 2) {
                  const before = one.step;
                  const now = one.note({ ...sample, at_ms: at * 1000 });
                  if (now !== before) changes.push([at, now]);
                }
              }
              return changes;
            }""",
            [list(spans), names],
        )
    )


@pytest.mark.parametrize("calm", [CALM, THIN_LINK, UNKNOWN])
def test_what_is_not_the_computers_fault_changes_nothing(page: Page, calm: dict[str, Any]) -> None:
    assert steps(page, (calm, 300)) == []


@pytest.mark.parametrize("weak", [CPU, SLOW_ENCODER])
def test_weak_for_most_of_ten_seconds_is_a_step_down(page: Page, weak: dict[str, Any]) -> None:
    changes = steps(page, (CALM, 20), (weak, 60))
    assert [step for _, step in changes] == ["fewer_layers", "smaller", "slower"]
    times = [at for at, _ in changes]
    assert 20 < times[0] <= 30
    assert all(6 <= later - sooner <= 10 for sooner, later in itertools.pairwise(times))


def test_a_hiccup_is_none(page: Page) -> None:
    assert steps(page, *[(CPU, 4), (CALM, 8)] * 20) == []


def test_a_page_with_one_layer_has_none_to_leave_out(page: Page) -> None:
    changes = steps(page, (CPU, 60), names="SINGLE_LAYER_STEPS")
    assert [step for _, step in changes] == ["smaller", "slower"]


def test_calm_for_a_minute_is_a_step_up(page: Page) -> None:
    changes = steps(page, (CPU, 18), (CALM, 200))
    down, further = changes[:2]
    assert (down[1], further[1]) == ("fewer_layers", "smaller")
    [(first, one), (second, other)] = changes[2:]
    assert (one, other) == ("fewer_layers", "full")
    assert 58 <= first - further[0] <= 66
    assert 58 <= second - first <= 64


def test_each_relapse_doubles_the_patience(page: Page) -> None:
    """A computer that is weak whenever it sends everything."""
    waits = page.evaluate(
        """async () => {
          const { Adaptation } = await import('/static/adaptation.js');
          const one = new Adaptation();
          const ups = [];
          let down = null;
          for (let at = 0; at < 4 * 3600; at += 2) {
            const before = one.step;
            const weak = before === 'full';
            const limitation = weak ? 'cpu' : 'none';
            one.note({ at_ms: at * 1000, limitation, encode_ms: 1, interval_ms: 33 });
            if (one.step === before) continue;
            if (one.step === 'full') ups.push(at - down);
            else down = at;
          }
          return ups;
        }"""
    )
    minutes = [round(wait / 60) for wait in waits]
    assert minutes[:6] == [1, 2, 4, 8, 16, 16]


def test_a_camera_that_was_off_is_judged_anew(page: Page) -> None:
    changes = page.evaluate(
        """async () => {
          const { Adaptation } = await import('/static/adaptation.js');
          const one = new Adaptation();
          const weak = { limitation: 'cpu', encode_ms: 1, interval_ms: 33 };
          for (const at of [0, 2, 4, 100, 102, 104, 200, 202]) {
            one.note({ ...weak, at_ms: at * 1000 });
          }
          return one.step;
        }"""
    )
    assert changes == "full"


def test_each_step_leaves_less_of_a_camera(page: Page) -> None:
    """Sizes as they are encoded, and what the camera gives."""
    made = page.evaluate(
        """async () => {
          const simulcast = await import('/static/simulcast.js');
          const { STEPS } = await import('/static/adaptation.js');
          const wish = simulcast.CAMERA_WISH;
          const stream = await navigator.mediaDevices.getUserMedia({ video: wish });
          const track = stream.getVideoTracks()[0];
          const pc = new RTCPeerConnection();
          const { sender } = pc.addTransceiver(track, {
            direction: 'sendonly', sendEncodings: simulcast.CAMERA_ENCODINGS,
          });
          const made = [];
          for (const step of [...STEPS, 'full']) {
            await simulcast.fitCapture(track, wish, step);
            await simulcast.fitEncodings(sender, track, step);
            const { width, height, frameRate } = track.getSettings();
            const widths = sender.getParameters().encodings.filter(({ active }) => active)
              .map(({ scaleResolutionDownBy }) => width / scaleResolutionDownBy);
            made.push([step, width, height, frameRate <= 15, widths]);
          }
          pc.close();
          track.stop();
          return made;
        }"""
    )
    whole = [320, 640, 1280]
    assert made == [
        ["full", 1280, 720, False, whole],
        ["fewer_layers", 1280, 720, False, whole[:2]],
        ["smaller", 640, 360, False, whole[:2]],
        ["slower", 640, 360, True, whole[:2]],
        ["full", 1280, 720, False, whole],
    ]


def test_a_still_has_the_cameras_full_size_whatever_the_step(page: Page) -> None:
    """The step holds again behind it, and one that came meanwhile."""
    made = page.evaluate(
        """async () => {
          const { MediaLink } = await import('/static/media.js');
          const { CAMERA_ENCODINGS, CAMERA_WISH } = await import('/static/simulcast.js');
          const { takeStill } = await import('/static/booth/still.js');
          const stream = await navigator.mediaDevices.getUserMedia({ video: CAMERA_WISH });
          const [track] = stream.getVideoTracks();
          const signal = Object.assign(new EventTarget(), { up: false });
          const media = new MediaLink({ signal, sections: [{
            kind: 'video', direction: 'sendonly', encodings: CAMERA_ENCODINGS, wish: CAMERA_WISH,
          }] });
          const widths = [];
          const sizeOf = async (blob) => {
            const image = await createImageBitmap(blob);
            widths.push(image.width);
          };
          const settled = async (width) => {
            while (track.getSettings().width !== width) {
              await new Promise((go) => setTimeout(go, 20));
            }
          };
          await media.setTrack(0, track);
          await media.setStep('slower');
          await settled(640);
          await sizeOf(await takeStill(track));
          await sizeOf(await media.inFull(() => takeStill(track)));
          await settled(640);
          await media.inFull(async () => {
            await media.setStep('smaller');
            await sizeOf(await takeStill(track));
          });
          await settled(640);
          await media.inFull(() => Promise.reject(new Error('no picture'))).catch(() => {});
          await settled(640);
          await sizeOf(await takeStill(track));
          track.stop();
          media.stop();
          return widths;
        }"""
    )
    assert made == [640, 1280, 1280, 640]
