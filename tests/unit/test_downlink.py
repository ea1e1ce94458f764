"""What a receiver gets when its path is narrow: the hub, the plane's tables, and a clock that the
test turns."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest

from tests.unit.test_sfu import section, slot_section
from vcs.downlink import INITIAL_BITS_PER_S, UNKNOWN_BITS_PER_S, Downlink
from vcs.feeds import REMEMBERED_S
from vcs.media import rtcp
from vcs.media.allocation import SOUND_BITS_PER_S
from vcs.media.description import Extensions, Kind, SrtpKeys, SrtpProfile
from vcs.media.reception import Reception
from vcs.media.twcc import TransportFeedback, compose
from vcs.peer import MediaPeer
from vcs.plane import RtcpEvent, SocketId, UnknownSsrc
from vcs.plane.python import PythonPlane
from vcs.privacy import OFFICER, Booth, DeskState, Party
from vcs.sfu import LAYER_CHECK_S, Hub

DESK = 1
PLAIN = Extensions(mid=4, rid=10, audio_level=1)
COUNTED = Extensions(mid=4, rid=10, audio_level=1, transport_cc=3)
LAYERS = {"l": 120_000, "m": 450_000, "h": 1_500_000}
SLOTS = (1, 2, 3)


class Branch:
    """An officer and three booths with three layers each; the test plays the network."""

    def __init__(self, officer: Extensions) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.now = 100.0
        self.plane = PythonPlane(
            asyncio.get_running_loop(), {SocketId(0): self.socket}, lambda: None, lambda: self.now
        )
        self.hub = Hub(self.plane, lambda: self.now)
        self.receptions: list[tuple[Reception, int]] = []
        self.officer = self._join(OFFICER, officer)
        for slot in SLOTS:
            booth = self._join(Booth(slot), PLAIN)
            for number, (rid, rate) in enumerate(LAYERS.items()):
                told = UnknownSsrc(booth.id, 100 * slot + number, 96, "v", rid, None, self.now)
                self.hub.on_unknown(told)
                layer = booth.layers[Kind.VIDEO][rid]
                stream = self.plane._streams[layer.stream]
                stream.temporal_layers = 3
                self.receptions.append((stream.reception, rate))
        self.hub.apply(
            DESK,
            DeskState(
                officer=True,
                joined=frozenset(SLOTS),
                consented=frozenset(SLOTS),
                talk=1,
            ),
        )
        self.hub.focus(DESK, 1)
        self.later(6)

    def _join(self, party: Party, extensions: Extensions) -> MediaPeer:
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
        slots = SLOTS if party is OFFICER else (1,)
        peer = MediaPeer(
            self.plane,
            self.plane.add_peer(keys, extensions),
            extensions,
            {"a": section("a", Kind.AUDIO, {7: None}), "v": section("v", Kind.VIDEO, {})},
            [
                slot_section(f"{kind.value}{slot}", kind, 10 * slot + place, rtx)
                for slot in slots
                for place, (kind, rtx) in enumerate(((Kind.AUDIO, None), (Kind.VIDEO, 1000 + slot)))
            ],
        )
        self.hub.join(DESK, party, peer)
        return peer

    def later(self, seconds: float) -> None:
        """All layers go on arriving meanwhile."""
        steps = round(seconds / LAYER_CHECK_S)
        for _ in range(steps):
            self.now += LAYER_CHECK_S
            for reception, rate in self.receptions:
                reception.packets += 1
                reception.octets += round(rate * LAYER_CHECK_S / 8)
                reception.last_arrival = self.now
            for _ in range(5):
                self.hub.tick()

    def told(self, bits_per_s: int) -> None:
        """The officer's console reports what it can take (REMB)."""
        data = rtcp.compose([rtcp.Remb(1, bits_per_s, ())])
        self.hub.on_rtcp(RtcpEvent(self.officer.id, data, self.now))

    def given(self) -> dict[int, str | None]:
        """By slot: the layer that the officer is sent or is about to be, None for none."""
        names = {
            layer.stream: f"{party.slot}{rid}"
            for party in map(Booth, SLOTS)
            for rid, layer in self._peer(party).layers[Kind.VIDEO].items()
        }
        routes = {self.officer.route(Kind.VIDEO, slot): slot for slot in SLOTS}
        fed = {routes[r]: names[s] for s, r in self.plane.forwarding() if r in routes}
        return {slot: fed.get(slot) for slot in SLOTS}

    def _peer(self, party: Party) -> MediaPeer:
        peer = self.hub.peer(DESK, party)
        assert peer is not None
        return peer

    def close(self) -> None:
        self.plane.close()
        self.socket.close()


@pytest.fixture
async def branch() -> AsyncIterator[Branch]:
    made = Branch(PLAIN)
    yield made
    made.close()


async def test_who_tells_nothing_gets_everything(branch: Branch) -> None:
    assert branch.given() == {1: "1h", 2: "2l", 3: "3l"}
    assert not any(branch.hub.paused(DESK, slot) for slot in SLOTS)


async def test_a_path_for_sound_alone_pauses_the_pictures_and_says_so(branch: Branch) -> None:
    branch.told(150_000)
    branch.later(0.5)
    assert branch.given() == dict.fromkeys(SLOTS)
    assert all(branch.hub.paused(DESK, slot) for slot in SLOTS)
    assert not branch.hub.paused(DESK, 4), "nobody sits there"
    branch.told(3_000_000)
    branch.later(6)
    assert branch.given() == {1: "1h", 2: "2l", 3: "3l"}
    assert not any(branch.hub.paused(DESK, slot) for slot in SLOTS)


async def test_what_does_not_fit_goes_at_once_and_not_with_the_next_look(branch: Branch) -> None:
    branch.told(150_000)
    for _ in range(5):
        branch.hub.tick()  # the hub's clock stands still
    assert branch.given() == dict.fromkeys(SLOTS)


async def test_the_focused_picture_shrinks_before_it_goes(branch: Branch) -> None:
    branch.told(900_000)
    branch.later(1)
    assert branch.given() == {1: "1m", 2: "2l", 3: "3l"}


async def test_a_focus_moves_the_room_along(branch: Branch) -> None:
    branch.told(2_500_000)
    branch.later(6)
    branch.hub.focus(DESK, 3)
    branch.later(1)
    given = branch.given()
    assert given[1] in ("1l", "1h"), "the old layer goes until the key frame of the new one"
    assert given[3] == "3h" or given[3] == "3l"
    downlink = branch.hub._downlink(branch.officer)
    assert downlink is not None
    assert downlink.allocation is not None
    assert downlink.allocation.focus == 3


async def test_who_needs_the_officer_most_is_seen_before_others(branch: Branch) -> None:
    branch.hub.order(DESK, (3, 2))
    branch.told(560_000)  # sound, the focused booth's middle layer, and a little
    branch.later(3)
    assert branch.given() == {1: "1m", 2: None, 3: "3l"}
    branch.hub.order(DESK, (2, 3))
    branch.told(150_000)
    branch.later(0.5)
    branch.told(640_000)
    branch.later(20)
    assert branch.given() == {1: "1m", 2: "2l", 3: None}


async def test_a_layer_that_stops_is_left_within_a_second(branch: Branch) -> None:
    stopped = branch.plane._streams[branch._peer(Booth(1)).layers[Kind.VIDEO]["h"].stream]
    branch.receptions = [(r, n) for r, n in branch.receptions if r is not stopped.reception]
    branch.later(1)
    assert branch.given()[1] in ("1m", "1h")
    downlink = branch.hub._downlink(branch.officer)
    assert downlink is not None
    assert downlink.allocation is not None
    given = downlink.allocation.slots[1]
    assert getattr(given, "layer", None) == 1


class Path:
    """A receiver with transport-wide feedback, whose path does what the test says."""

    def __init__(self) -> None:
        self.branch = Branch(COUNTED)
        downlink = self.branch.hub._downlink(self.branch.officer)
        assert downlink is not None
        self.downlink: Downlink = downlink


@pytest.fixture
async def path() -> AsyncIterator[Path]:
    made = Path()
    yield made
    made.branch.close()


async def test_silence_of_the_receiver_lowers_what_it_is_given(path: Path) -> None:
    branch, downlink = path.branch, path.downlink
    before = downlink.bits_per_s
    assert before < UNKNOWN_BITS_PER_S
    departures = branch.plane._peers[branch.officer.id].departures
    assert departures is not None
    for _ in range(20):
        departures.note(1000, branch.now)
        branch.plane._peers[branch.officer.id].transport_sequence += 1
        branch.later(0.25)
    assert downlink.bits_per_s < before / 2


async def test_feedback_that_is_nonsense_is_survived(path: Path) -> None:
    for count in (0, 1, 500):
        arrivals = tuple((9 + n, 40 * n) for n in range(count))
        told = compose(TransportFeedback(1, 2, 9, max(count, 1), 5, 6, arrivals))
        path.downlink.told(told[12:], 101.0)
    assert path.downlink.malformed == 0
    path.downlink.told(b"\0\1\0\5nonsense", 101.0)
    path.branch.later(1)
    assert path.downlink.malformed == 1
    assert path.branch.hub.malformed_rtcp == 1
    assert 0 < path.downlink.bits_per_s < UNKNOWN_BITS_PER_S


async def test_who_comes_back_begins_with_what_his_path_bore() -> None:
    branch = Branch(COUNTED)
    try:
        downlink = branch.hub._downlink(branch.officer)
        assert downlink is not None
        assert downlink.bits_per_s == INITIAL_BITS_PER_S
        branch.told(400_000)
        for away_s, wanted in ((5.0, 400_000), (REMEMBERED_S + 1, INITIAL_BITS_PER_S)):
            branch.hub.leave(DESK, OFFICER)
            branch.later(away_s)
            downlink = branch.hub._downlink(branch._join(OFFICER, COUNTED))
            assert downlink is not None
            assert downlink.bits_per_s == wanted
    finally:
        branch.close()


def loses(path: Path, share: float) -> None:
    """The officer's reports say so, for three seconds."""
    path.branch.officer.link.loss_down = share
    path.branch.later(3)


async def test_on_a_lossy_path_sound_is_repeated(path: Path) -> None:
    loses(path, 0.2)
    assert path.downlink.sounds > 2


async def test_on_a_thin_path_repeated_sound_would_be_what_fills_it(path: Path) -> None:
    path.branch.told(150_000)
    loses(path, 0.2)
    assert path.downlink.sounds == 1


async def test_what_a_full_path_loses_is_hardly_repeated(path: Path) -> None:
    path.downlink._estimator.queue_ms = 200.0
    told = TransportFeedback(1, 2, 9, 1, 5, 6, ((9, 40),))
    path.downlink.told(compose(told)[12:], path.branch.now)
    path.branch.officer.link.loss_down = 0.2
    path.branch.later(1)
    assert 1 < path.downlink.sounds < 2
    loses(path, 0.2)
    assert path.downlink.sounds > 2, "the queue has long gone"


@pytest.mark.parametrize("bits_per_s", [300_000, 620_000, 700_000, 2_000_000])
async def test_pictures_leave_as_fast_as_they_come(path: Path, bits_per_s: int) -> None:
    """Else they would come ever later, on a path that is used to the full."""
    path.branch.told(bits_per_s)
    path.branch.later(6)
    allocation = path.downlink.allocation
    pace = path.branch.plane._peers[path.branch.officer.id].pace
    assert allocation is not None
    assert pace is not None
    assert allocation.bits_per_s > SOUND_BITS_PER_S, "a picture is given"
    paced = 8 * pace.octets_per_s
    assert paced >= 1.05 * allocation.bits_per_s
    assert paced >= 0.9 * path.downlink.bits_per_s
    assert paced <= 1.2 * path.downlink.bits_per_s


async def test_a_long_queue_is_let_go_first(path: Path) -> None:
    """Sound stands in it too."""
    path.branch.told(620_000)
    path.branch.later(6)
    pace = path.branch.plane._peers[path.branch.officer.id].pace
    assert pace is not None
    before = pace.octets_per_s
    for queue_ms, most in ((50.0, 0.9), (150.0, 0.6), (0.0, 1.0)):
        path.downlink._estimator.queue_ms = queue_ms
        path.downlink.tick(path.branch.now)
        assert pace.octets_per_s == pytest.approx(most * before, rel=0.08)
