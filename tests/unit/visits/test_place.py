"""The visitor's place among those who wait: all that a booth is told of others."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.server_process import TALK_ALONE
from tests.unit.visits.house import Person, opened
from vcs import messages as m


def states(booth: Person) -> list[m.BoothState]:
    return [each for each in booth.heard if isinstance(each, m.BoothState)]


async def test_who_waits_is_told_his_place_and_nothing_else_moves(tmp_path: Path) -> None:
    """One service without a step of the visitor's own: who has agreed waits for the officer."""
    async with opened(tmp_path, flows_dir=TALK_ALONE) as house:
        first, second, third = [await house.sit_down(slot, "talk") for slot in (5, 1, 3)]
        for booth, place in ((first, 1), (second, 2), (third, 3)):

            def at(place: int, booth: Person = booth) -> bool:
                return booth.state is not None and booth.state.place == place

            await booth.until(lambda at=at, place=place: at(place))
        await third.wire.say(m.Call(active=True))
        await third.until(lambda: third.state is not None and third.state.place == 1)
        await second.until(lambda: second.state is not None and second.state.place == 3)
        await first.until(lambda: first.state is not None and first.state.place == 2)
        assert third.state is not None
        assert third.state.occupant is not None
        await third.wire.say(m.End(third.state.occupant))
        await third.until(lambda: third.state is not None and third.state.place is None)
        await second.until(lambda: second.state is not None and second.state.place == 2)

        moved = states(second)
        waiting = [each for each in moved if each.place is not None]
        assert [each.place for each in waiting] == [2, 3, 2]
        rest = [msgspec.structs.replace(each, place=None, seq=0) for each in waiting]
        assert rest == [rest[0]] * 3, "the place alone has moved"
        assert [each.seq for each in moved] == list(range(moved[0].seq, moved[0].seq + len(moved)))
        agreed = second.heard.index(waiting[0])
        others = {type(each) for each in second.heard[agreed + 1 :]} - {m.BoothState, m.Pong}
        assert others <= {m.VisitTold, m.FlowTold}
