"""A visitor sits down with a ticket: by its number or its QR code, at a real server."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unit.visits.house import House, Person, opened
from vcs import messages as m
from vcs.clock import local_day, utc_now
from vcs.store.tickets import Ticket
from vcs.visits import changes as c

TOKEN = "what-the-qr-code-holds-0123456789"


async def issue(house: House, flow: str = "death_benefit", token: str = TOKEN) -> Ticket:
    now = utc_now()
    today = local_day(now, ZoneInfo("Asia/Jakarta")).date
    return await house.server.store.tickets.issue(
        house.desk.branch_id, today, flow=flow, token=token, at=now, name="Sri Wahyuni"
    )


async def start(booth: Person, ticket: str) -> str | None:
    """The error that it led to, None when the visitor is asked for consent."""
    heard = len(booth.heard)
    await booth.wire.say(m.Start(ticket=ticket))
    await booth.until(
        lambda: (
            any(isinstance(each, m.Error) for each in booth.heard[heard:])
            or (booth.state is not None and booth.state.visit == "consent")
        )
    )
    return next((each.code for each in booth.heard[heard:] if isinstance(each, m.Error)), None)


async def state_of(house: House, ticket: Ticket) -> str:
    found = await house.server.store.tickets.get(ticket.id)
    assert found is not None
    return found.state


async def test_a_ticket_chooses_the_service_and_is_on_the_sheet(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        ticket = await issue(house)
        booth = await house.booth(2)
        assert await start(booth, TOKEN) is None
        await house.agree(booth)
        assert booth.flow is not None
        assert booth.flow.name == "death_benefit"
        stored = await house.server.store.visits.open_at(2)
        assert stored is not None
        assert stored.ticket_id == ticket.id
        begun = stored.log[0].change
        assert isinstance(begun, c.Begun)
        assert begun.ticket == "A-001"
        assert await state_of(house, ticket) == "taken"
        assert booth.state is not None
        assert booth.state.occupant is not None
        await booth.wire.say(m.End(booth.state.occupant))
        await booth.until(lambda: booth.visit is not None and booth.visit.flow is None)
        again = await house.booth(2)
        assert await start(again, "A-1") == "ticket_taken"
        assert await state_of(house, ticket) == "done"


async def test_what_is_no_ticket_is_refused_in_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        booth = await house.booth(1)
        for text in ("A-042", "x" * 43, "'; drop table ticket"):
            assert await start(booth, text) == "ticket_unknown"
        await issue(house)
        second = await issue(house, token="another-token-0123456789")
        assert await start(booth, second.code) == "ticket_not_called"
        assert await start(booth, "a 1") == "ticket_unknown"
        assert await start(booth, "a-1") is None


async def test_who_declines_keeps_his_ticket(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        ticket = await issue(house)
        booth = await house.booth(1)
        assert await start(booth, ticket.code) is None
        assert booth.state is not None
        assert booth.state.occupant is not None
        other = await house.booth(2)
        assert await start(other, ticket.code) == "ticket_taken"
        await booth.wire.say(m.Consent(booth.state.occupant, False, "id", "2026-11"))
        await booth.until(lambda: booth.state is not None and booth.state.visit == "none")
        for _ in range(50):
            if await state_of(house, ticket) == "called":
                break
            await booth.wire.say(m.Ping(0))
            await booth.next()
        assert await start(other, ticket.code) is None
