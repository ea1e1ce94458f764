"""A desk whose officer and booths are all headless, and what one move of it brings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.server_process import Keys
from benchmarks.six_booths.air import HOLD, OFFICER, Air, carries
from benchmarks.six_booths.ears import BoothEars, Ear, OfficerEars, lost_packets
from benchmarks.six_booths.gate import drain
from benchmarks.six_booths.headless import HeadlessBooth, HeadlessOfficer, Refused
from benchmarks.six_booths.tally import Tally
from benchmarks.six_booths.tones import Finding, Heard
from vcs import messages as m
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia

UNHEARD_AFTER_S: Final = 3.0
JOIN_ROUNDS: Final = 5
"""All booths join at once, so many times, for more than six times of joining."""


class HeadlessBooths:
    """The headless booths of a desk; `by_own_word`: the gates fall at the word that each booth gets
    itself (the officer is a page), else at the officer's, by `told`."""

    def __init__(self, url: str, keys: Keys, media: Mapping[int, PreparedMedia]) -> None:
        self.ears: dict[int, BoothEars] = {}
        self._booths: list[HeadlessBooth] = []
        self._url = url
        self._tokens = keys.tokens
        self._media = media

    async def join(self, tally: Tally, pacemaker: Pacemaker, *, by_own_word: bool) -> None:
        for _ in range(JOIN_ROUNDS):
            await self.leave()
            self._booths = [
                HeadlessBooth(number, self._url, token, self._media[number], pacemaker)
                for number, token in self._tokens.items()
            ]
            tally.timed("join_ms", await asyncio.gather(*(b.join() for b in self._booths)))
        await asyncio.gather(*(booth.seated() for booth in self._booths))
        for booth in self._booths:
            ears = BoothEars(booth)
            self.ears[booth.number] = ears
            if by_own_word:
                booth.on_state = lambda state, ears=ears: self._own_word(ears, state)

    def check(self) -> None:
        for booth in self._booths:
            booth.check()

    def drain(self) -> None:
        for ears in self.ears.values():
            drain(ears.connection)
            ears.picture.look()

    async def leave(self) -> None:
        await asyncio.gather(*(booth.leave() for booth in self._booths))

    def count(self, tally: Tally) -> None:
        """At the end of the run, what did not arrive and what nobody sent."""
        for number, ears in self.ears.items():
            ears.picture.look()
            _count(tally, ears, f"booth {number}")
            if ears.picture.strays:
                what = (
                    f"{ears.picture.strays} packets of the officer's picture where no path may be"
                )
                tally.findings.append(Finding(tally.switches, f"booth {number}", what))

    @staticmethod
    def _own_word(ears: BoothEars, state: m.BoothState) -> None:
        if state.hears != ears.ear.gate.open:
            drain(ears.connection)
            ears.picture.look()
            ears.ear.gate.told(state.hears)


class HeadlessDesk:
    """An officer and his booths in this thread; judged as `benchmarks.six_booths.gate` says."""

    def __init__(
        self, url: str, keys: Keys, media: Mapping[int, PreparedMedia], tally: Tally
    ) -> None:
        self.air = HOLD
        self._tally = tally
        self._keys = keys
        self._media = media
        self._pacemaker = Pacemaker()
        self._booths = HeadlessBooths(url, keys, media)
        self._officer = HeadlessOfficer(url, self._pacemaker, self._told)
        self._officer_ears: OfficerEars | None = None
        self._ears: list[Ear] = []
        self._before = HOLD
        self._said = HOLD
        self._asked: Air | None = None
        self._began = 0.0

    async def open(self) -> None:
        """Everybody joins, sits down and agrees; the desk is in hold."""
        await self._booths.join(self._tally, self._pacemaker, by_own_word=False)
        await self._officer.open(self._keys.name, self._keys.password, self._media[OFFICER])
        await self._officer.everybody_ready(len(self._keys.tokens))
        self._officer_ears = OfficerEars(self._officer, len(self._keys.tokens))
        self._ears = [
            *(ears.ear for ears in self._booths.ears.values()),
            *self._officer_ears.ears,
        ]

    async def move(self, air: Air) -> None:
        """Command, and wait until everybody is heard who shall be."""
        self._before, self._asked = self.air, air
        for ears in self._booths.ears.values():
            ears.picture.look()
        for ear in self._ears:
            ear.command(carries(air, ear.path))
        self._began = time.monotonic()
        try:
            while True:
                try:
                    answered = await self._officer.put_on_air(air, self._before)
                    break
                except Refused:  # the desk changed while the command was on its way
                    self._tally.refused += 1
                    self._check()
        finally:
            self._asked = None
            for ear in self._ears:
                ear.gate.settled()
        self.air = air
        self._tally.moved(air)
        self._tally.timed("acknowledged_ms", answered)
        await self._hear()

    async def listen(self) -> list[Heard]:
        """At the end of the stay: what was heard in it. The next move comes without a pause."""
        self._check()
        if self._said != self.air:  # the server has held the desk by itself
            self.air = self._said
        for ear in self._ears:
            ended = carries(self._before, ear.path) and not carries(self.air, ear.path)
            if ended and ear.path.source == OFFICER:
                self._tally.timed("old_booth_silent_ms", max(0.0, ear.last - self._began) * 1000)
            self._tally.late_packets += ear.late
            ear.late = 0
        return [
            Heard(
                self._tally.switches,
                ear.path,
                carries(self._before, ear.path) or carries(self.air, ear.path),
                ear.take(),
            )
            for ear in self._ears
        ]

    def count(self) -> None:
        """At the end of the run."""
        assert self._officer_ears is not None
        self._booths.count(self._tally)
        _count(self._tally, self._officer_ears, "officer")

    async def close(self) -> None:
        await self._officer.close()
        await self._booths.leave()

    async def _hear(self) -> None:
        opened: Sequence[Ear] = [
            ear
            for ear in self._ears
            if carries(self.air, ear.path) and not carries(self._before, ear.path)
        ]
        try:
            async with asyncio.timeout(UNHEARD_AFTER_S):
                await asyncio.gather(*(ear.heard.wait() for ear in opened))
        except TimeoutError:
            self._tally.unheard += sum(1 for ear in opened if ear.first is None)
        if self.air.announcing:
            return
        for ear in opened:
            if ear.first is not None:
                way = "switch_to_booth_ms" if ear.path.source == OFFICER else "switch_to_officer_ms"
                self._tally.timed(way, (ear.first - self._began) * 1000)

    def _told(self, desk: m.DeskView) -> None:
        """The server's word, at the moment when it is read."""
        said = Air(desk.on_air, desk.announcing)
        if said == self._said:
            return
        if self._officer_ears is not None:
            drain(self._officer_ears.connection)
        self._booths.drain()
        self._said = said
        for ear in self._ears:
            ear.gate.told(carries(said, ear.path))
        if said != self._asked:
            self._tally.interruptions += 1

    def _check(self) -> None:
        self._booths.check()
        self._officer.check()


def _count(tally: Tally, ears: BoothEars | OfficerEars, where: str) -> None:
    lost, expected = lost_packets(ears.receiver, time.monotonic())
    tally.lost_packets += lost
    tally.expected_packets += expected
    for count, what in (
        (ears.receiver.foreign, "packets of a stream that nobody declared"),
        (ears.receiver.malformed, "packets that are no RTP"),
    ):
        if count:
            tally.findings.append(Finding(tally.switches, where, f"{count} {what}"))
