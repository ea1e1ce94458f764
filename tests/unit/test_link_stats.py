"""The numbers of a link: what is measured, what a page says, who is told of them and how often."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.unit.test_live_desks import ANDI, FarEnd, Site
from vcs import messages as m
from vcs.downlink import Downlink
from vcs.link_measure import REPORT_HOLDS_S, measure, note_totals
from vcs.link_stats import LinkStats, ReceivedMedia, SentLayer, SentPicture
from vcs.media.allocation import Allocation, Given, Paused
from vcs.media_server import MediaServer
from vcs.officer.seat import Seat
from vcs.peer import PageReport
from vcs.privacy import OFFICER, Booth

RECEIVED = ReceivedMedia(
    freezes=2, freeze_ms=1400, concealed=0.02, transport="udp", round_trip_ms=58
)
SENT = SentPicture(
    encode_ms=28.5, limitation="cpu", step="smaller", layers=[SentLayer("l", 320, 180, 15.0)]
)
REPORT = m.LinkReport(received=RECEIVED, sent=SENT)


class Console(FarEnd):
    """Keeps what it is told of links."""

    def __init__(self) -> None:
        super().__init__()
        self.details: list[m.LinkDetails] = []
        self.said: list[m.Message] = []
        self.others = 0

    def send(self, message: m.Message) -> None:
        if isinstance(message, m.LinkDetails):
            self.details.append(message)
        else:
            self.said.append(message)
            self.others += 1

    def send_if_idle(self, message: m.Message) -> None:
        self.send(message)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    media = MediaServer(port=0, ipv4="127.0.0.1", ipv6=None)
    site = Site(media)
    yield site
    for each in list(site.desks.media):
        each.connection.peer = None
    media.close()


@pytest.fixture
def console(site: Site) -> Console:
    """With a booth at slot 2 beside it, both with media."""
    booth, console = FarEnd(), Console()
    site.live.seat(Seat(slot=2, booth_id=2, name="Bilik 2"))
    site.live.attach_booth(2, booth)
    site.connected(Booth(2), booth)
    assert site.live.attach_console(console, ANDI, take_over=False)
    site.connected(OFFICER, console)
    console.others = 0
    return console


# --- messages -------------------------------------------------------------------------------------


def test_a_report_survives_the_wire_from_either_page() -> None:
    text = m.encode(REPORT)
    assert m.decode_from_booth(text) == m.decode_from_officer(text) == REPORT


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("received", "freezes", -1),
        ("received", "freezes", 10**12),
        ("received", "freeze_ms", 1.5),
        ("received", "concealed", 1.01),
        ("received", "transport", "carrier pigeon"),
        ("received", "round_trip_ms", 60_001),
        ("received", "slot", 3),
        ("sent", "encode_ms", -1),
        ("sent", "encode_ms", "NaN"),
        ("sent", "limitation", "laziness"),
        ("sent", "step", "fastest"),
        ("sent", "layers", [{"rid": "x", "width": 1, "height": 1, "fps": 1}]),
        ("sent", "layers", [{"rid": "l", "width": 99_999, "height": 1, "fps": 1}]),
        ("sent", "layers", [{"rid": "l", "width": 1, "height": 1, "fps": 1}] * 4),
    ],
)
def test_a_report_out_of_bounds_is_no_message(part: str, field: str, value: object) -> None:
    said = json.loads(m.encode(REPORT))
    said[part][field] = value
    for decode in (m.decode_from_booth, m.decode_from_officer):
        with pytest.raises(m.Malformed):
            decode(json.dumps(said))


def test_a_booth_can_neither_ask_for_links_nor_be_told_of_them() -> None:
    with pytest.raises(m.Malformed):
        m.decode_from_booth('{"type":"watch_link","slot":1,"own":false}')
    with pytest.raises(m.Malformed):
        m.decode_to_booth(m.encode(m.LinkDetails(1, None)))


# --- measuring ------------------------------------------------------------------------------------


async def test_numbers_are_what_was_measured(site: Site) -> None:
    peer = site.peer()
    plane, now = site.media.plane, 50.0
    downlink = Downlink(plane, peer, now)
    downlink.allocation = Allocation(
        {1: Given(1, 7, 300_400.0), 2: Paused.NO_ROOM, 3: Paused.NO_PICTURE}, 0.0, 0.0, 0.0
    )
    peer.link.round_trip_at = now - 1
    peer.link.round_trip, peer.link.loss_up, peer.link.loss_down = 0.0421, 0.01, 0.25
    for tick in range(4):
        peer.link.came.note(10 * tick, 100_000 * tick, now + tick)
    stats = measure(plane, peer, downlink, {}, lambda slot, index: "lmh"[index], now)
    assert (stats.round_trip_ms, stats.loss_up, stats.loss_down) == (42, 0.01, 0.25)
    assert stats.received_kbps == round((100_000 + 10 * 44) * 8 / 1000)
    assert stats.estimate_kbps == round(downlink.bits_per_s / 1000)
    assert stats.queue_ms == 0
    assert (stats.publishes, stats.jitter_ms, stats.sent_kbps) == ([], None, None)
    first, second, third = stats.given
    assert (first.slot, first.rid, first.temporal_layer, first.kbps) == (1, "m", 7, 300)
    assert (second.slot, second.paused, third.paused) == (2, "no_room", "no_picture")


async def test_totals_that_begin_anew_are_no_negative_rate(site: Site) -> None:
    peer = site.peer()
    peer.link.went.note(100, 1_000_000, 9.0)
    note_totals(site.media.plane, peer, 10.0)
    stats = measure(
        site.media.plane,
        peer,
        Downlink(site.media.plane, peer, 10.0),
        {},
        lambda slot, index: None,
        10.0,
    )
    assert stats.sent_kbps == 0


async def test_a_round_trip_of_long_ago_gives_way_to_the_pages_own(site: Site) -> None:
    peer = site.peer()
    peer.report = PageReport(RECEIVED, None, 20.0)
    peer.link.round_trip, peer.link.round_trip_at = 0.042, 15.0
    downlink = Downlink(site.media.plane, peer, 10.0)
    trips = [
        measure(site.media.plane, peer, downlink, {}, lambda *_: None, now).round_trip_ms
        for now in (20.0, 20.1, 40.0)
    ]
    assert trips == [42, 58, 42]


async def test_what_a_page_said_is_forgotten(site: Site) -> None:
    peer = site.peer()
    peer.report = PageReport(RECEIVED, SENT, 10.0)
    downlink = Downlink(site.media.plane, peer, 10.0)

    def said(now: float) -> LinkStats:
        return measure(site.media.plane, peer, downlink, {}, lambda *_: None, now)

    fresh = said(10.0 + REPORT_HOLDS_S)
    assert (fresh.report_ms, fresh.received, fresh.sent) == (15_000, RECEIVED, SENT)
    old = said(10.1 + REPORT_HOLDS_S)
    assert (old.report_ms, old.received, old.sent) == (None, None, None)


# --- telling --------------------------------------------------------------------------------------


async def test_details_come_for_the_link_that_is_watched_alone(
    site: Site, console: Console
) -> None:
    live = site.live
    live.send_details()
    assert console.details == []
    live.booth_said(2, REPORT)
    live.officer_said(console, m.WatchLink(slot=2))
    [told] = console.details
    assert told.slot == 2
    assert told.link is not None
    assert (told.link.received, told.link.sent) == (RECEIVED, SENT)
    live.officer_said(console, m.WatchLink(slot=None, own=True))
    live.send_details()
    assert [each.slot for each in console.details[1:]] == [None, None]
    live.officer_said(console, m.WatchLink(slot=5))
    assert (console.details[-1].slot, console.details[-1].link) == (5, None)
    live.officer_said(console, m.WatchLink(slot=None))
    count = len(console.details)
    live.send_details()
    assert len(console.details) == count
    assert console.others == 0, "neither a report nor a question makes a desk view"


async def test_a_picture_without_room_is_told_in_few_words(
    site: Site, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole desk would take what little room there is."""
    live = site.live
    live.desk.start_visit(2, 1_000.0)
    live.desk.consent(2, live.desk.seats[2].occupant or 0, True, 1_000.0)
    live.publish()
    console.said.clear()
    live.tick()
    assert console.said == [], "nothing has changed"
    monkeypatch.setattr(live.hub, "paused", lambda desk, slot: slot == 2)
    live.tick()
    [told] = console.said
    assert isinstance(told, m.Links)
    assert told.paused == [False, True, False, False, False, False]
    assert len(told.links) == 6
    assert [line.slot for line in told.next] == [2]
    live.tick()
    assert console.said == [told]
    live.publish()
    assert isinstance(console.said[-1], m.DeskView)
    assert [tile.paused for tile in console.said[-1].tiles] == told.paused


async def test_another_console_begins_without_a_watched_link(site: Site, console: Console) -> None:
    site.live.officer_said(console, m.WatchLink(slot=2))
    other = Console()
    assert site.live.attach_console(other, ANDI, take_over=True)
    site.live.officer_said(console, m.WatchLink(slot=2))
    site.live.send_details()
    assert other.details == []


async def test_reports_end_with_the_media(site: Site, console: Console) -> None:
    site.live.booth_said(2, REPORT)
    assert site.live.hub.link_stats(1, Booth(2)) is not None
    site.live.hub.leave(1, Booth(2))
    assert site.live.hub.link_stats(1, Booth(2)) is None
    site.live.booth_said(2, REPORT)  # between its connections: nobody to keep it for
    assert site.live.hub.link_stats(1, Booth(2)) is None


async def test_a_desk_in_numbers_names_nobody(site: Site, console: Console) -> None:
    site.live.booth_said(2, REPORT)
    stats = site.live.stats()
    assert [client.slot for client in stats.clients] == [None, 2]
    text = msgspec.json.encode(stats).decode()
    assert "Andi" not in text
    assert "127.0.0.1" not in text
    assert json.loads(text)["clients"][1]["link"]["sent"]["step"] == "smaller"
