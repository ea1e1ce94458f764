"""The numbers behind a link sign: true, on demand alone, and never in the way of Escape."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import BoothPage, ConsolePage, tile, tile_video, until

pytestmark = pytest.mark.browser

PANEL = "#link-panel"
WEAK_COMPUTER = """() => {
  const real = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = async function getStats() {
    const entries = [...(await real.call(this))];
    return new Map(entries.map(([id, entry]) => [id,
      entry.type === 'outbound-rtp' ? { ...entry, qualityLimitationReason: 'cpu' } : entry]));
  };
}"""
SENT_KBPS = """async () => {
  // All that went over the path: a stream's own count leaves padding out.
  const entries = [...(await vcsBooth.media.report()).values()];
  const { bytesSent, timestamp } = entries.find(
    (each) => each.type === 'candidate-pair' && each.nominated && each.state === 'succeeded');
  const before = window.testSent ?? { bytesSent, timestamp: timestamp - 1 };
  window.testSent = { bytesSent, timestamp };
  return 8 * (bytesSent - before.bytesSent) / (timestamp - before.timestamp);
}"""
SOUND_SENT = """async () => {
  const entries = [...(await vcsBooth.media.report()).values()];
  const { packetsSent, timestamp } = entries.find(
    (each) => each.type === 'outbound-rtp' && each.kind === 'audio');
  return [packetsSent, timestamp];
}"""
LOUD_PER_S = 35
SILENT_PER_S = 10
ACTIVE = """() => vcsBooth.media.sender(1).getParameters().encodings.map(({ active }) => active)"""


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    """One of the booths has a picture large enough to be sent in two sizes."""
    return counters.open(2, pictures=((480, 270),))


def row(console: ConsolePage, name: str) -> str:
    """What a row of the panel says; empty while it is not there."""
    found = console.page.locator(f"{PANEL} [data-row={name}] dd")
    return str(found.text_content()) if found.count() else ""


def numbers(text: str) -> list[int]:
    return [int(number.replace(".", "").replace(",", "")) for number in re.findall(r"[\d.]+", text)]


def opened(console: ConsolePage) -> bool:
    return bool(console.page.locator(PANEL).is_visible())


def test_the_panel_tells_what_the_pages_see(counter: Counter) -> None:
    counter.seat()
    console, booth = counter.console, counter.booths[1]
    console.await_picture(1, tile_video(1))
    console.page.locator(f"{tile(1)} .tile__link").click()
    console.page.locator(PANEL).wait_for()

    def told() -> bool:
        # Before the first frame is encoded the camera's row has no number.
        rates = numbers(row(console, "rate")) if numbers(row(console, "camera")) else []
        return bool(rates) and rates[0] > 20

    until(told, "numbers of booth 1", within_s=45)

    def shows_what_is_seen() -> bool:
        # A busy machine loses a packet, or changes the size, between one look and the other.
        seen = console.look(tile_video(1))
        return (
            seen is not None
            and numbers(row(console, "picture"))[:1] == [seen.width]
            and 0 <= (numbers(row(console, "delay")) or [-1])[0] < 500
            and numbers(row(console, "loss")) == [0, 0]
        )

    until(shows_what_is_seen, "the size that is seen, and a good link", within_s=45)
    covered = console.page.evaluate(
        """(panel) => document.querySelector('.tiles').getBoundingClientRect().bottom
          > document.querySelector(panel).getBoundingClientRect().top""",
        PANEL,
    )
    assert not covered, "the tiles stay in sight"
    assert numbers(row(console, "camera"))[0] in (240, 480)

    compared: list[tuple[float, int]] = []

    def agrees() -> bool:
        console.page.wait_for_timeout(1000)  # both are rates: a second's, not a moment's
        sent = booth.page.evaluate(SENT_KBPS)
        compared.append((sent, numbers(row(console, "rate"))[0]))
        return bool(0.5 * sent < compared[-1][1] < 2 * sent + 40)

    booth.page.evaluate(SENT_KBPS)
    try:
        until(agrees, "the booth's own count of what it sends", within_s=45)
    except AssertionError as error:
        error.add_note(f"sent and told, kbit/s: {compared}")
        raise


def test_escape_holds_and_leaves_the_panel_alone(counter: Counter) -> None:
    counter.seat()
    console = counter.console
    if opened(console):
        console.press("l")
    counter.talk(2)
    console.page.locator(f"{tile(2)} .tile__link").focus()
    console.press("Enter")
    console.page.locator(PANEL).wait_for()
    assert console.air == "talk"
    console.press("Escape")
    console.await_air("none")
    assert opened(console)
    console.press("1")
    console.await_state(1, "on_air")
    assert opened(console), "the keys of the desk act as ever"
    console.hold()
    console.press("l")
    assert not opened(console)
    console.press("l")
    assert console.page.locator(".focus__stat").get_attribute("aria-expanded") == "true"
    console.page.locator(".sheet__head:visible").click()
    assert not opened(console)


def test_numbers_travel_only_while_somebody_looks(counter: Counter) -> None:
    counter.seat()
    page = counter.console.page
    page.evaluate(
        """() => {
          window.testDetails = [];
          vcsConsole.signal.addEventListener('message', ({ detail }) => {
            if (detail.type === 'link_details') testDetails.push(detail);
          });
        }"""
    )
    page.wait_for_timeout(1500)
    assert page.evaluate("testDetails.length") == 0
    page.locator(".keys__link").click()
    page.wait_for_timeout(2500)
    slots = page.evaluate("testDetails.map(({ slot }) => slot)")
    assert slots in ([None] * 3, [None] * 4)
    page.locator(".keys__link").click()
    page.wait_for_timeout(200)
    page.evaluate("testDetails.length = 0")
    page.wait_for_timeout(1500)
    assert page.evaluate("testDetails.length") == 0
    assert counter.faults() == []


def test_a_weak_booth_sends_less_and_its_officer_is_told(counter: Counter) -> None:
    counter.seat()
    console, booth = counter.console, counter.booths[1]
    console.await_picture(1, tile_video(1))
    assert booth.page.evaluate(ACTIVE) == [True, True, False]
    booth.page.evaluate(WEAK_COMPUTER)
    console.page.locator(f"{tile(1)} .tile__link").click()
    until(
        lambda: booth.page.evaluate(ACTIVE) == [True, False, False],
        "the largest layer is left out",
        within_s=20,
    )
    said = console.page.locator(f"{PANEL} .linkpanel__say[data-tone=bad]")
    until(
        lambda: said.count() == 1 and "lebih kecil" in str(said.text_content()),
        "the officer is told why",
        within_s=20,
    )
    console.await_picture(1, tile_video(1))
    assert counter.faults() == []


def test_a_silent_booth_sends_hardly_a_packet_of_sound(counter: Counter) -> None:
    counter.seat()
    booth = counter.booths[1]
    assert _sound_per_s(booth) > LOUD_PER_S
    booth.page.evaluate("vcsBooth.devices.track('microphone').enabled = false")
    try:
        until(lambda: _sound_per_s(booth) < SILENT_PER_S, "silence is not sent", within_s=20)
    finally:
        booth.page.evaluate("vcsBooth.devices.track('microphone').enabled = true")
    until(lambda: _sound_per_s(booth) > LOUD_PER_S, "a voice is sent again", within_s=20)


def _sound_per_s(booth: BoothPage) -> float:
    """Packets that the booth's page has sent within a second or so."""
    (before, at), (after, then) = [_sound_sent(booth) for _ in range(2)]
    return (after - before) / (then - at) * 1000


def _sound_sent(booth: BoothPage) -> tuple[int, float]:
    """Packets, and when that was counted, ms."""
    booth.page.wait_for_timeout(1000)
    sent, at = booth.page.evaluate(SOUND_SENT)
    return int(sent), float(at)
