"""The officer's day at a real server: what booths, console and guard are told and may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from tests.unit.visits.house import House, Person, opened, with_media
from tests.unit.visits.test_queue import guard_of
from vcs import messages as m
from vcs.visits import changes as c


def day_of(officer: Person) -> m.DayTold:
    return [each for each in officer.heard if isinstance(each, m.DayTold)][-1]


def has_day(officer: Person) -> bool:
    return any(isinstance(each, m.DayTold) for each in officer.heard)


async def console_of(house: House) -> Person:
    officer = await house.console()
    await officer.until(lambda: has_day(officer))
    return officer


async def ask(officer: Person, kind: type[m.Message], **values: Any) -> str:
    """`ack`, or the code of the refusal."""
    answer = await officer.ask(kind, **values)
    return answer.code if isinstance(answer, m.SheetRefused) else "ack"


def tile(officer: Person, slot: int) -> m.Tile:
    assert officer.desk is not None
    return officer.desk.tiles[slot - 1]


async def end(officer: Person, slot: int) -> None:
    answer = await officer.ask(m.EndVisit, slot=slot, occupant=tile(officer, slot).occupant)
    assert isinstance(answer, m.Ack), answer


async def test_after_a_visit_the_booth_wraps_up_until_the_officer_calls_the_next(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        booth = await house.sit_down(2)
        officer = await console_of(house)
        talker = await with_media(officer, 6)
        await officer.ask(m.Focus, slot=2)
        await officer.until(lambda: officer.sheet is not None and officer.sheet.visit is not None)
        assert officer.sheet is not None
        visit = officer.sheet.visit
        raised = await officer.ask(m.RaiseFlag, slot=2, visit=visit, flag="prompted", raised=True)
        assert isinstance(raised, m.Ack)
        assert await ask(officer, m.WriteClosingNote, slot=2, visit=visit, text="x") == (
            "another_visit"
        )
        await end(officer, 2)
        assert tile(officer, 2).state == "wrap_up"
        await officer.until(lambda: day_of(officer).wrap_ups != [])
        (told,) = day_of(officer).wrap_ups
        assert (told.slot, told.visit, told.outcome, told.talks) == (2, visit, None, 0)
        assert 170_000 < told.left_ms <= 180_000

        _, standing = await guard.get("/api/queue")
        assert standing["queue"]["booths"][1]["use"] == "wrapping_up"
        await guard.post("/api/tickets", {"flow": "jht"})
        status, answer = await guard.post("/api/tickets/call")
        assert (status, answer["error"]["code"]) == (409, "no_free_booth")

        note = {"slot": 2, "visit": visit, "text": "Akan kembali besok"}
        assert await ask(officer, m.WriteClosingNote, **note) == "ack"
        stored = await house.server.store.visits.load(int(visit.removeprefix("visit-")))  # type: ignore[union-attr]
        assert stored is not None
        assert [entry.change for entry in stored.log[-2:]] == [
            c.Ended("left"),
            c.ClosingNoted("Akan kembali besok"),
        ]
        assert stored.log[-1].officer_id is not None

        assert await ask(officer, m.CallNext, slot=2) == "ack"
        assert tile(officer, 2).state == "empty"
        assert day_of(officer).wrap_ups == []
        assert booth.state is not None
        await booth.wire.say(m.Start(ticket="A-001"))
        await house.agree(booth)
        assert await ask(officer, m.WriteClosingNote, **note) == "ack", "the same again"
        await talker.close()


async def test_a_walk_in_begins_at_a_booth_that_wraps_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.sit_down(1)
        officer = await console_of(house)
        await officer.ask(m.Focus, slot=1)
        await officer.until(lambda: tile(officer, 1).visitor is None and tile(officer, 1).consented)
        found = house.server.desks.find(house.desk.id)
        assert found is not None
        found.visits.at(1).attended = True  # type: ignore[union-attr]
        await end(officer, 1)
        assert tile(officer, 1).state == "wrap_up"
        await booth.until(lambda: booth.state is not None and booth.state.visit == "none")
        await booth.wire.say(m.Start(service="jht"))
        await house.agree(booth)
        await officer.until(lambda: tile(officer, 1).state == "waiting")


async def test_a_visit_that_the_officer_had_no_part_in_is_not_wrapped_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.sit_down(1)
        officer = await console_of(house)
        await end(officer, 1)
        assert tile(officer, 1).state == "empty"


async def test_on_a_break_visitors_are_told_when_he_is_back_and_nobody_is_called(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        booth, free = await house.sit_down(1), await house.booth(2)
        officer = await console_of(house)
        await guard.post("/api/tickets", {"flow": "jht"})
        revision = day_of(officer).revision
        assert await ask(officer, m.BeginBreak, minutes=15, revision=revision + 1) == "stale"
        assert await ask(officer, m.BeginBreak, minutes=15, revision=revision) == "ack"
        pause = day_of(officer).pause
        assert pause is not None
        assert pause.left_ms is not None
        assert 890_000 < pause.left_ms <= 900_000
        await booth.until(lambda: booth.state is not None and booth.state.on_break is not None)
        assert booth.state is not None
        assert booth.state.on_break == m.OfficerAway(pause.back)
        assert await ask(officer, m.CallNext, slot=2) == "no_free_booth"
        status, answer = await guard.post("/api/tickets/call")
        assert (status, answer["error"]["code"]) == (409, "no_free_booth")
        _, standing = await guard.get("/api/queue")
        assert [each["use"] for each in standing["queue"]["booths"][:2]] == ["busy", "on_break"]

        await free.wire.say(m.Start(service="jht"))  # what one does alone goes on
        await house.agree(free)
        await free.wire.say(m.Call(True))
        await officer.until(lambda: tile(officer, 2).state == "calling")
        assert officer.desk is not None
        assert officer.desk.next[0].reason == "calling"
        refused = await officer.ask(
            m.Talk, slot=1, occupant=tile(officer, 1).occupant, revision=officer.desk.revision
        )
        assert isinstance(refused, m.Refused)

        assert await ask(officer, m.EndBreak) == "ack"
        assert await ask(officer, m.EndBreak) == "ack"
        assert day_of(officer).pause is None
        await booth.until(lambda: booth.state is not None and booth.state.on_break is None)


async def test_a_break_and_a_closed_desk_outlive_the_server(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        officer = await console_of(house)
        assert await ask(officer, m.BeginBreak, minutes=None, revision=0) == "ack"
    async with opened(tmp_path) as house:
        officer = await console_of(house)
        pause = day_of(officer).pause
        assert pause is not None
        assert (pause.back, pause.left_ms) == (None, None)
        assert await ask(officer, m.EndBreak) == "ack"
        revision = day_of(officer).revision
        assert await ask(officer, m.BeginClosing, revision=revision) == "ack"
        assert await ask(officer, m.CloseDesk, revision=day_of(officer).revision) == "ack"
    async with opened(tmp_path) as house:
        booth = await house.booth(1)
        assert booth.state is not None
        assert booth.state.phase == "closed"
        officer = await console_of(house)
        assert (day_of(officer).status, day_of(officer).pause) == ("closed", None)
        assert await ask(officer, m.OpenDesk) == "ack"
        await booth.until(lambda: booth.state is not None and booth.state.phase == "idle")


async def test_with_another_officer_at_the_desk_the_break_is_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        officer = await console_of(house)
        assert await ask(officer, m.BeginBreak, minutes=30, revision=0) == "ack"
        await officer.wire.socket.close()
        await house.server.accounts.add("maya", "kata sandi maya", house.desk.branch_id)
        session = await house.server.accounts.sign_in("maya", "kata sandi maya", "10.0.0.7")
        house.cookie = session.token
        maya = await console_of(house)
        assert day_of(maya).pause is None


async def test_a_desk_closes_when_nobody_is_left_and_nobody_loses_his_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        await house.sit_down(1)
        free = await house.booth(2)
        officer = await console_of(house)
        await guard.post("/api/tickets", {"flow": "jht"})
        await guard.post("/api/tickets", {"flow": "jht"})
        assert await ask(officer, m.CallNext, slot=2) == "ack"
        assert await ask(officer, m.CloseDesk, revision=0) == "not_closing"
        assert await ask(officer, m.BeginClosing, revision=7) == "stale"
        assert await ask(officer, m.BeginClosing, revision=0) == "ack"
        await free.until(lambda: free.state is not None and free.state.phase == "closed")
        queue: dict[str, Any] = {}
        while not queue or queue["called"]:
            queue = (await guard.get("/api/queue"))[1]["queue"]
        assert [each["code"] for each in queue["waiting"]] == ["A-001", "A-002"]
        assert [each["use"] for each in queue["booths"][:2]] == ["busy", "closed"]
        assert (await guard.post("/api/tickets/call"))[0] == 409
        assert await ask(officer, m.CallNext, slot=2) == "no_free_booth"
        await free.wire.say(m.Start(ticket="A-001"))
        await free.wire.say(m.Start(service="jht"))
        revision = day_of(officer).revision
        assert await ask(officer, m.CloseDesk, revision=revision) == "somebody_there"
        queue = (await guard.get("/api/queue"))[1]["queue"]
        assert [each["code"] for each in queue["waiting"]] == ["A-001", "A-002"]

        await end(officer, 1)
        assert await ask(officer, m.CloseDesk, revision=revision) == "ack"
        assert day_of(officer).status == "closed"
        assert await ask(officer, m.OpenDesk) == "ack"
        await free.until(lambda: free.state is not None and free.state.phase == "idle")
        assert (await guard.post("/api/tickets/call"))[0] == 200


async def test_who_declines_at_a_desk_that_closes_waits_again_for_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        booth = await house.booth(1)
        officer = await console_of(house)
        await guard.post("/api/tickets", {"flow": "jht"})
        assert await ask(officer, m.CallNext, slot=1) == "ack"
        await booth.wire.say(m.Start(ticket="A-001"))
        await booth.until(lambda: booth.state is not None and booth.state.visit == "consent")
        assert booth.state is not None
        assert booth.state.occupant is not None
        assert await ask(officer, m.BeginClosing, revision=0) == "ack"
        await booth.wire.say(m.Consent(booth.state.occupant, False, "id", "2026-11"))
        await booth.until(lambda: booth.state is not None and booth.state.phase == "closed")
        waiting: list[str] = []
        while not waiting:
            queue = (await guard.get("/api/queue"))[1]["queue"]
            waiting = [each["code"] for each in queue["waiting"]]
        assert waiting == ["A-001"]


async def test_the_tally_of_the_day(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        officer = await console_of(house)
        assert await ask(officer, m.BeginBreak, minutes=5, revision=0) == "ack"
        assert await ask(officer, m.EndBreak) == "ack"
        assert await ask(officer, m.AskTally) == "ack"
        (tally,) = [each for each in officer.heard if isinstance(each, m.Tally)]
        assert (tally.visits, tally.talk_s) == (0, 0)
        assert tally.date


COMMANDS: tuple[m.Message, ...] = (
    m.EndWrapUp(1, 1),
    m.WriteClosingNote(1, 1, "visit-12345", "x"),
    m.BeginBreak(1, 5, 0),
    m.EndBreak(1),
    m.BeginClosing(1, 0),
    m.CloseDesk(1, 0),
    m.OpenDesk(1),
    m.AskTally(1),
)


def test_each_command_is_tried_below() -> None:
    assert {type(each) for each in COMMANDS} == set(get_args(m.FromOfficerDay))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: type(each).__name__)
async def test_a_booth_cannot_do_what_an_officer_does(tmp_path: Path, command: m.Message) -> None:
    assert m.decode_from_officer(m.encode(command)) == command
    async with opened(tmp_path) as house:
        booth = await house.booth(1)
        await booth.wire.say(command)
        refused = await booth.wire.hear(m.Error)
        assert isinstance(refused, m.Error)
        assert refused.code == "malformed"
        found = house.server.desks.find(house.desk.id)
        assert found is not None
        assert (found.desk.day.status, found.desk.day.revision) == ("open", 0)


async def test_a_booth_hears_of_its_own_officer_alone(tmp_path: Path) -> None:
    """What a break at one desk brings to the booths of another: nothing."""
    async with opened(tmp_path) as house:
        store = house.server.store
        branch = await store.branches.add("Bandung")
        other = (await store.branches.desks(branch.id))[0]
        place = await store.booths.add(other.id, 1)
        offer = await house.server.enrolment.pair(place.id)
        house.tokens[11] = (await house.server.enrolment.enrol(offer.code, "10.0.0.77")).token
        stranger = await house.booth(11)
        own = await house.booth(1)
        officer = await console_of(house)
        before = stranger.state
        assert await ask(officer, m.BeginBreak, minutes=5, revision=0) == "ack"
        await own.until(lambda: own.state is not None and own.state.on_break is not None)
        await stranger.wire.say(m.SetLanguage("en"))
        await stranger.until(lambda: stranger.state is not before)
        assert stranger.state is not None
        assert before is not None
        assert (stranger.state.on_break, stranger.state.seq) == (None, before.seq + 1)
