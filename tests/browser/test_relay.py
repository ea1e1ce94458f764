"""A booth and an officer whose network lets nothing out but TCP to a TURN server, a real coturn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchmarks.links.coturn import SECRET, Coturn
from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.hearing import OFFICER
from tests.browser.people import LINKS, PersonPage, tile_video, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    server = Coturn(tmp_path_factory.mktemp("coturn"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def counter(counters: Counters, coturn: Coturn) -> Iterator[Counter]:
    yield counters.open(
        1,
        script=LINKS + "window.testRelayOnly = true;",
        settings=(("VCS_TURN_URLS", coturn.url("tcp")), ("VCS_TURN_SECRET", SECRET)),
    )
    counters.close()  # before the TURN server: nobody else can use these pages


def _assert_relayed(page: PersonPage) -> None:
    assert page.page.evaluate("testLinks.path()") == {"local": "relay", "relay": "tcp"}


def test_sound_and_pictures_pass_through_the_relay(counter: Counter, coturn: Coturn) -> None:
    counter.seat()
    counter.talk(1)
    counter.assert_private(1)
    counter.console.await_picture(1, tile_video(1))
    counter.booths[1].await_picture(OFFICER)
    for page in (counter.console, counter.booths[1]):
        _assert_relayed(page)
    assert SECRET not in counter.server.log()


def test_renewed_credentials_are_used_at_the_next_restart(counter: Counter, coturn: Coturn) -> None:
    counter.seat()
    booth = counter.booths[1]
    given = coturn.turn(transport="tcp").credentials("somebody else", datetime.now(UTC))
    server = {"urls": given.urls, "username": given.username, "credential": given.credential}
    booth.page.evaluate(
        """(server) => vcsBooth.signal.dispatchEvent(new CustomEvent('message', {
          detail: { type: 'ice_servers', ice_servers: [{ ...server, expires_ms: 1000 }] },
        }))""",
        server,
    )
    assert booth.page.evaluate("testLinks.last().getConfiguration().iceServers.length") == 1
    booth.page.evaluate("vcsBooth.media.restartIce()")
    until(lambda: f"username=<{given.username}>" in coturn.log(), "the new name at the relay")
    counter.talk(1)
    counter.assert_private(1)
    _assert_relayed(booth)
    assert booth.page.evaluate("testLinks.connections.length") == 1
