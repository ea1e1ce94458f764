"""The guard at the door: tickets, calls, and what he may not see; at a real server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.unit.visits.house import PASSWORD, House, Person, opened
from vcs import messages as m
from vcs.clock import local_day, utc_now
from vcs.http.sign_in import COOKIE
from vcs.officer.day import DeskDay
from vcs.visits.queue import use_of


@dataclass
class Guard:
    """At the guard's tablet."""

    house: House
    cookie: str

    async def get(self, path: str) -> Any:
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._ask("POST", path, {} if body is None else body)

    async def _ask(self, method: str, path: str, body: Any) -> Any:
        """Status and answer; the address of a redirect."""
        async with self.house.http.request(
            method,
            f"{self.house.server.http_url}{path}",
            json=body,
            headers={"Cookie": f"{COOKIE}={self.cookie}"},
            allow_redirects=False,
        ) as response:
            if response.status in (302, 303):
                return response.status, response.headers["Location"]
            if response.content_type != "application/json":
                return response.status, await response.text()
            return response.status, await response.json()


async def guard_of(house: House) -> Guard:
    accounts = house.server.accounts
    await accounts.add("satpam", PASSWORD, house.desk.branch_id, role="guard")
    session = await accounts.sign_in("satpam", PASSWORD, "10.0.0.8")
    return Guard(house, session.token)


async def test_tickets_are_issued_called_and_used(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        assert await guard.post("/api/tickets/call") == (
            409,
            {"error": {"code": "no_free_booth", "message": "no booth is free"}},
        )
        booth = await house.booth(2)
        status, empty = await guard.post("/api/tickets/call")
        assert (status, empty["error"]["code"]) == (409, "nobody_waits")
        status, issued = await guard.post(
            "/api/tickets", {"flow": "jht", "name": "  Sri  Wahyuni "}
        )
        assert status == 200
        assert (issued["code"], issued["name"], issued["ahead"]) == ("A-001", "Sri Wahyuni", 0)
        assert issued["qr"].startswith("<svg")
        _, second = await guard.post(
            "/api/tickets", {"flow": "death_benefit", "priority": "elderly"}
        )
        assert (second["code"], second["ahead"]) == ("B-002", 0), "priority comes first"

        assert await guard.post("/api/tickets/call") == (200, {"code": "B-002", "booth": 2})
        _, standing = await guard.get("/api/queue")
        queue = standing["queue"]
        assert standing["branch"] == "Salemba"
        assert [each["flow"] for each in standing["services"]] == ["jht", "death_benefit"]
        assert [each["use"] for each in queue["booths"]] == ["off", "free", *["off"] * 4]
        assert queue["booths"][1]["called"] == "B-002"
        assert [(each["code"], each["booth"]) for each in queue["called"]] == [("B-002", 2)]
        assert [each["code"] for each in queue["waiting"]] == ["A-001"]
        status, full = await guard.post("/api/tickets/call")
        assert (status, full["error"]["code"]) == (409, "no_free_booth"), "one awaits somebody"

        await booth.wire.say(m.Start(ticket="B-002"))
        await house.agree(booth)
        _, standing = await guard.get("/api/queue")
        assert standing["queue"]["called"] == []
        assert standing["queue"]["booths"][1]["use"] == "busy"
        assert standing["queue"]["booths"][1]["called"] is None


async def test_who_did_not_come_is_called_again_or_passed_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        await house.booth(1)
        await guard.post("/api/tickets", {"flow": "jht"})
        _, standing = await guard.get("/api/queue")
        ticket = standing["queue"]["waiting"][0]["id"]
        status, early = await guard.post(f"/api/tickets/{ticket}/again")
        assert (status, early["error"]["code"]) == (404, "no_ticket")
        await guard.post("/api/tickets/call")
        assert await guard.post(f"/api/tickets/{ticket}/missed") == (200, {})
        _, standing = await guard.get("/api/queue")
        assert [each["code"] for each in standing["queue"]["missed"]] == ["A-001"]
        assert await guard.post(f"/api/tickets/{ticket}/again") == (200, {})
        assert await guard.post(f"/api/tickets/{ticket}/cancel") == (200, {})
        _, standing = await guard.get("/api/queue")
        assert all(standing["queue"][each] == [] for each in ("waiting", "called", "missed"))


async def test_two_who_call_at_once_call_one_to_a_booth(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        await house.booth(1)
        for _ in range(3):
            await guard.post("/api/tickets", {"flow": "jht"})
        answers = await asyncio.gather(*(guard.post("/api/tickets/call") for _ in range(3)))
        assert sorted(status for status, _ in answers) == [200, 409, 409]
        _, standing = await guard.get("/api/queue")
        assert [each["code"] for each in standing["queue"]["called"]] == ["A-001"]


async def test_who_is_called_again_after_all_comes_to_a_booth_that_is_free(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        first = await house.booth(1)
        await guard.post("/api/tickets", {"flow": "jht"})
        await guard.post("/api/tickets/call")
        _, standing = await guard.get("/api/queue")
        ticket = standing["queue"]["called"][0]["id"]
        await guard.post(f"/api/tickets/{ticket}/missed")
        await first.wire.say(m.Start(service="jht"))
        await house.agree(first)
        status, full = await guard.post(f"/api/tickets/{ticket}/again")
        assert (status, full["error"]["code"]) == (409, "no_free_booth")
        await house.booth(2)
        assert (await guard.post(f"/api/tickets/{ticket}/again"))[0] == 200
        _, standing = await guard.get("/api/queue")
        assert [each["booth"] for each in standing["queue"]["called"]] == [2]


def told_of(officer: Person) -> m.QueueTold | None:
    """What the console was told last, but for how long anybody has waited."""
    found = [each for each in officer.heard if isinstance(each, m.QueueTold)]
    if not found:
        return None
    branches = [msgspec.structs.replace(each, oldest_s=0) for each in found[-1].branches]
    return msgspec.structs.replace(found[-1], branches=branches)


async def test_the_officer_is_told_of_the_queue_and_calls(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        booth = await house.booth(3)
        officer = await house.console()

        async def until(
            waiting: int, first: str | None, next_call: m.NextCall | None, *called: m.CalledTo
        ) -> None:
            branches = [m.BranchQueue("Salemba", waiting, 0, first)]
            wanted = m.QueueTold(branches, next_call, list(called))
            await officer.until(lambda: told_of(officer) == wanted)

        await until(0, None, None)
        await guard.post("/api/tickets", {"flow": "jht"})
        await guard.post("/api/tickets", {"flow": "jht"})
        await until(2, "A-001", m.NextCall(3, "A-001"))
        refused = await officer.ask(m.CallNext, slot=1)
        assert isinstance(refused, m.SheetRefused)
        assert refused.code == "no_free_booth"
        assert isinstance(await officer.ask(m.CallNext, slot=3), m.Ack)
        await until(1, "A-002", None, m.CalledTo(3, "A-001"))
        for slot in (3, None):
            again = await officer.ask(m.CallNext, slot=slot)
            assert isinstance(again, m.SheetRefused)
            assert again.code == "booth_awaits"
        await booth.wire.say(m.Start(ticket="A-001"))
        await until(1, "A-002", None)
        assert not any(isinstance(each, m.QueueTold) for each in booth.heard)


async def test_numbers_begin_anew_at_midnight_where_the_branch_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kiritimati, where it is 14 hours later than in UTC."""
    moment = datetime(2026, 11, 21, 9, 59, tzinfo=UTC)
    monkeypatch.setattr("vcs.app.utc_now", lambda: moment)
    async with opened(tmp_path, time_zone="Pacific/Kiritimati") as house:
        guard = await guard_of(house)
        codes = []
        for hours in (0, 0, 1, 14):  # 23:59, 23:59, 0:59, 13:59: there two days, in UTC two others
            moment = datetime(2026, 11, 21, 9, 59, tzinfo=UTC) + timedelta(hours=hours)
            _, issued = await guard.post("/api/tickets", {"flow": "jht"})
            _, standing = await guard.get("/api/queue")
            waiting = [each["code"] for each in standing["queue"]["waiting"]]
            codes.append((issued["code"], waiting))
        assert codes == [
            ("A-001", ["A-001"]),
            ("A-002", ["A-001", "A-002"]),
            ("A-001", ["A-001"]),
            ("A-002", ["A-001", "A-002"]),
        ]


async def test_a_guard_is_no_officer(tmp_path: Path) -> None:
    """He opens no console, takes no desk, sees no picture and no number of a link."""
    async with opened(tmp_path) as house:
        guard = await guard_of(house)
        status, me = await guard.get("/api/me")
        assert (status, me["home"], me["desks"]) == (200, "/guard", [])
        assert await guard.get("/console") == (302, "/guard")
        assert (await guard.get("/guard"))[0] == 200
        for path in ("/captures/" + "a" * 32, "/api/stats"):
            assert (await guard.get(path))[0] == 401, path
        async with house.http.ws_connect(
            f"{house.server.http_url}/ws/officer", headers={"Cookie": f"{COOKIE}={guard.cookie}"}
        ) as socket:
            await socket.send_str('{"type":"hello"}')
            await socket.receive(timeout=5)
            assert socket.close_code == m.CLOSE_UNAUTHORISED


async def test_the_queue_is_for_who_is_signed_in_and_of_his_branch(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        nobody = Guard(house, "x")
        for method, path in (
            ("GET", "/api/queue"),
            ("POST", "/api/tickets"),
            ("POST", "/api/tickets/call"),
            ("POST", "/api/tickets/1/cancel"),
        ):
            status, answer = await nobody._ask(method, path, {} if method == "POST" else None)
            assert (status, answer["error"]["code"]) == (401, "not_signed_in"), path
        assert (await nobody.get("/guard"))[1] == "/sign-in?next=/guard"
        guard = await guard_of(house)
        other = await house.server.store.branches.add("Bandung")
        now = utc_now()
        day = local_day(now, ZoneInfo("Asia/Jakarta")).date
        ticket = await house.server.store.tickets.issue(
            other.id, day, flow="jht", token="of-another-branch-000", at=now
        )
        status, answer = await guard.post(f"/api/tickets/{ticket.id}/cancel")
        assert (status, answer["error"]["code"]) == (404, "no_ticket")
        for body in ({}, {"flow": "nothing"}, {"flow": "jht", "priority": "rich"}, [1]):
            status, _ = await guard.post("/api/tickets", body)
            assert status in (400, 422), body


def test_a_booth_that_nobody_has_seen_is_off() -> None:
    assert use_of(None, DeskDay()) == "off"
