"""Links that are lost without a word: the pages notice, signalling comes first, media follows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Counters
from tests.browser.counter import Counter
from tests.browser.people import LINKS, PersonPage, tile_video, until
from tests.browser.server import HERE

pytestmark = pytest.mark.browser

BACK_WITHIN_S = 9.0
"""Three times what the product promises."""
REFUSED_S = 4.0
"""After so long the page has given up a socket over which its offer was refused."""
PICTURE_WITHIN_S = 60.0
"""Sound is back at once; the picture stays paused until the estimate of what the officer's link
bears has climbed again, after an outage as after a jam (27 s measured)."""
NOTICED_WITHIN_S = 10.0
"""Chromium by itself says nothing for five to seven seconds, then `disconnected`."""


@pytest.fixture(scope="module")
def counter(counters: Counters) -> Counter:
    return counters.open(
        1,
        program=(str(HERE / "deaf_server.py"),),
        script=LINKS,
        settings=(("VCS_MEDIA_TCP", "false"),),  # or the media would find its way around
    )


@contextlib.contextmanager
def media_port_deaf(counter: Counter) -> Iterator[None]:
    """While inside no datagram reaches the server or leaves it; signalling goes on."""
    file = counter.server.data_dir / "deaf"
    file.touch()
    try:
        yield
    finally:
        file.unlink()


def restarts(page: PersonPage) -> int:
    return int(page.page.evaluate("testLinks.restarts"))


def connections(page: PersonPage) -> int:
    return int(page.page.evaluate("testLinks.connections.length"))


def sockets(page: PersonPage) -> int:
    """Over which something was said: one that is only tried beside a doubtful one is none."""
    return int(page.page.evaluate("testLinks.sockets.filter(({ spoke }) => spoke).length"))


def tried(page: PersonPage) -> int:
    return int(page.page.evaluate("testLinks.sockets.length"))


def cut(page: PersonPage) -> None:
    """Its signalling socket carries nothing any more, and nobody says so."""
    page.page.evaluate("testLinks.sockets.findLast(({ spoke }) => spoke).cut()")


def test_a_quiet_link_is_left_alone(counter: Counter) -> None:
    """Nobody sits there: nothing comes but answers to ICE checks, each 2.5 s."""
    booth = counter.booths[1]
    before = restarts(booth), connections(booth), sockets(booth)
    time.sleep(10)
    assert (restarts(booth), connections(booth), sockets(booth)) == before


def test_silence_restarts_ice_and_the_talk_goes_on(counter: Counter) -> None:
    """The officer's own silence holds the desk; the visitor is not asked for consent again."""
    counter.seat()
    counter.talk(1)
    counter.assert_private(1)
    pages = (counter.booths[1], counter.console)
    before = [(restarts(page), sockets(page), connections(page)) for page in pages]
    # While the path is said to live: the page has noticed before the browser has.
    counter.booths[1].page.evaluate(
        """() => {
          const connection = testLinks.last();
          connection.restartIce = function () {
            testLinks.noticed ??= this.iceConnectionState;
            RTCPeerConnection.prototype.restartIce.call(this);
          };
        }"""
    )
    with media_port_deaf(counter):
        for page, (restarted, *_) in zip(pages, before, strict=True):
            until(
                lambda page=page, restarted=restarted: restarts(page) > restarted,
                f"{page.number} restarts ICE",
                NOTICED_WITHIN_S,
            )
    until(
        lambda: all(
            page.page.evaluate("testLinks.last().connectionState === 'connected'") for page in pages
        ),
        "media is back",
        BACK_WITHIN_S,
    )
    assert counter.booths[1].page.evaluate("testLinks.noticed") == "connected"
    time.sleep(REFUSED_S)
    after = [(sockets(page), connections(page)) for page in pages]
    assert after == [(socket, connection) for _, socket, connection in before]
    assert counter.booths[1].screen in ("hold", "onair")
    if counter.console.air != "talk":
        counter.console.await_ready()
        counter.talk(1)
    counter.assert_private(1)
    until(
        lambda: (picture := counter.console.look(tile_video(1))) is not None and picture.shows(1),
        "the picture",
        PICTURE_WITHIN_S,
    )


def test_a_new_network_with_a_living_socket_restarts_ice_over_it(counter: Counter) -> None:
    """Twice: browsers offer less once they have been answered."""
    counter.seat()
    counter.talk(1)
    for page in (counter.booths[1], counter.console):
        for _ in range(2):
            before = sockets(page), connections(page), restarts(page)
            page.page.evaluate("window.dispatchEvent(new Event('online'))")
            until(lambda page=page, before=before: restarts(page) == before[2] + 1, "a restart")
            time.sleep(REFUSED_S)
            assert (sockets(page), connections(page)) == before[:2]
            until(
                lambda page=page: page.page.evaluate("testLinks.last().signalingState") == "stable",
                "the offer is answered",
            )
    counter.assert_private(1)


def test_a_new_network_with_a_dead_socket_signals_first(counter: Counter) -> None:
    """The socket has to prove itself; it cannot, so another one is made, and media with it."""
    counter.seat()
    booth = counter.booths[1]
    before = sockets(booth), connections(booth), restarts(booth)
    cut(booth)
    booth.page.evaluate("window.dispatchEvent(new Event('online'))")
    until(lambda: sockets(booth) > before[0], "another socket", within_s=3 * 1.7)
    # Who reconnects is asked for consent again.
    booth.await_screen("consent", within_s=BACK_WITHIN_S)
    booth.agree()
    counter.console.await_media(1)
    assert restarts(booth) == before[2]
    assert connections(booth) == before[1] + 1
    counter.talk(1)
    counter.assert_private(1)


def test_a_console_whose_socket_has_died_silently_holds_and_comes_back(counter: Counter) -> None:
    counter.seat()
    counter.talk(1)
    counter.assert_private(1)
    console = counter.console
    before = sockets(console)
    cut(console)
    until(lambda: sockets(console) > before, "the loss is noticed", within_s=3 * 5.0)
    # The server held this console's place until now; it is the same officer's, so nobody is asked.
    console.await_ready(within_s=BACK_WITHIN_S)
    counter.booths[1].await_screen("hold")
    counter.assert_private(None)
    counter.talk(1)
    counter.assert_private(1)
    assert counter.faults() == []


def test_silence_of_media_and_socket_is_believed_at_once(counter: Counter) -> None:
    """As when the machine has another address: nobody says so, and both ways are dead. By itself
    the socket would be given up after four seconds."""
    counter.seat()
    counter.talk(1)
    counter.assert_private(1)
    console = counter.console
    before = sockets(console)
    with media_port_deaf(counter):
        cut(console)
        until(lambda: sockets(console) > before, "another socket", within_s=3.5)
    console.await_ready(within_s=BACK_WITHIN_S)
    counter.talk(1)
    counter.assert_private(1)


def test_silence_of_media_alone_leaves_the_socket(counter: Counter) -> None:
    """Another one is tried beside it, and not used."""
    counter.seat()
    counter.talk(1)
    console = counter.console
    counter.assert_private(1)
    before = sockets(console), tried(console), restarts(console)
    with media_port_deaf(counter):
        until(lambda: tried(console) > before[1], "a rival is tried", NOTICED_WITHIN_S)
        until(lambda: restarts(console) > before[2], "ICE is restarted", NOTICED_WITHIN_S)
    assert sockets(console) == before[0]
    until(
        lambda: console.page.evaluate("testLinks.last().connectionState === 'connected'"),
        "media is back",
        BACK_WITHIN_S,
    )
    assert sockets(console) == before[0]


@pytest.mark.parametrize(
    ("heard", "asks", "least", "most"),
    [
        (False, False, 4.5, 7.0),
        (True, False, 10.5, 13.0),
        (True, True, 4.5, 7.0),
    ],
)
def test_a_socket_that_stands_still_is_waited_for_while_media_comes(
    counter: Counter, heard: bool, asks: bool, least: float, most: float
) -> None:
    """A ping each second, the first unanswered. Who wants something does not wait longer."""
    page = counter.booths[1].context.new_page()
    page.goto(f"{counter.server.url}/static/favicon.svg")
    lost_after = page.evaluate(
        """async ([heard, asks]) => {
          window.WebSocket = class {
            static OPEN = 1;
            readyState = 1;
            constructor() { setTimeout(() => this.onopen()); }
            send(data) {
              if (JSON.parse(data).type !== 'hello') return;
              setTimeout(() => this.onmessage({ data: '{"type":"welcome"}' }));
            }
            close() {}
          };
          const { Signal } = await import('/static/signal.js');
          const signal = new Signal('/ws/nowhere', () => ({}));
          signal.heardOtherwise = () => heard;
          const lost = new Promise((done) => signal.addEventListener('down', done));
          const welcome = new Promise((done) => signal.addEventListener('welcome', done));
          signal.start();
          await welcome;
          const since = performance.now();
          if (asks) signal.request({ type: 'hold' }).catch(() => {});
          await lost;
          signal.stop();
          return (performance.now() - since) / 1000;
        }""",
        [heard, asks],
    )
    page.close()
    assert least <= lost_after <= most


def test_a_try_without_an_answer_is_followed_by_another(counter: Counter) -> None:
    """A network that swallows everything: the next try begins when the last is given up, and at
    once when the machine is online again."""
    page = counter.booths[1].context.new_page()
    page.goto(f"{counter.server.url}/static/favicon.svg")
    tries = page.evaluate(
        """async () => {
          const tries = [];
          window.WebSocket = class {
            constructor() { tries.push(performance.now()); }
            close() {}
          };
          const { Signal } = await import('/static/signal.js');
          const signal = new Signal('/ws/nowhere', () => ({}));
          const pause = (ms) => new Promise((done) => setTimeout(done, ms));
          signal.start();
          await pause(6000);
          const online = tries.length;
          window.dispatchEvent(new Event('online'));
          const more = tries.length - online;
          signal.stop();
          return { gap: tries[1] - tries[0], online, more };
        }"""
    )
    page.close()
    assert tries["gap"] >= 4000
    assert (tries["online"], tries["more"]) == (2, 1)
