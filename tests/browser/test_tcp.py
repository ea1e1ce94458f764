"""Where UDP is blocked, sound and picture come over TCP."""

from __future__ import annotations

import urllib.request

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.hearing import OFFICER
from tests.browser.people import tile_video
from tests.browser.server import HERE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    """One of the booths has a picture large enough to be sent in two sizes."""
    return counters.open(2, pictures=((480, 270),), program=(str(HERE / "tcp_server.py"),))


def test_a_talk_over_tcp_alone(counter: Counter) -> None:
    counter.seat()
    for number in counter.booths:
        counter.console.await_picture(number, tile_video(number))
    for number in (1, 2):
        counter.talk(number)
        counter.assert_private(number)
        counter.booths[number].await_picture(OFFICER)
        counter.console.await_picture(number)
    numbers = metrics(counter)
    # Three pages, and nothing of them by UDP.
    assert numbers["connections_in"] - numbers["connections_ended"] >= 3
    assert numbers["drop_connection_stalled"] == numbers["drop_srtp_auth"] == 0
    assert counter.faults() == []


def metrics(counter: Counter) -> dict[str, float]:
    """What the server counts."""
    with urllib.request.urlopen(f"{counter.server.url}/metrics", timeout=5) as response:
        lines = response.read().decode().splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {name.removeprefix("vcs_"): float(value) for name, value in pairs}
