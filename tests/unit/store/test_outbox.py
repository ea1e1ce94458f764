from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.store.material import Teller, decided
from vcs.store.visit_records import Conflict, OutboxMessage
from vcs.visits.changes import Noted


async def test_a_message_is_due_until_it_was_delivered(teller: Teller) -> None:
    outbox = teller.store.outbox
    await teller.begin()
    assert await outbox.next_due() is None
    await teller.tell(
        decided(teller.officer), outbox=(OutboxMessage("m1", b"one"), OutboxMessage("m2", b"two"))
    )
    due = await outbox.due(teller.at)
    assert [(message.id, message.body, message.attempts) for message in due] == [
        ("m1", b"one", 0),
        ("m2", b"two", 0),
    ]
    assert await outbox.due(teller.at - timedelta(seconds=1)) == []
    later = teller.at + timedelta(minutes=5)
    await outbox.failed("m1", later, "connection refused" * 100)
    assert [message.id for message in await outbox.due(teller.at)] == ["m2"]
    await outbox.delivered("m2", teller.at)
    assert await outbox.next_due() == later
    (again,) = await outbox.due(later)
    assert (again.id, again.body, again.attempts, again.created_at) == ("m1", b"one", 1, teller.at)
    assert again.last_error is not None and len(again.last_error) == 500
    await outbox.delivered("m1", later)
    await outbox.failed("m1", later, "a late answer")
    assert await outbox.due(later) == []


async def test_at_most_so_many_at_a_time(teller: Teller) -> None:
    await teller.begin()
    await teller.tell(outbox=tuple(OutboxMessage(f"m{n}", b"") for n in range(5)))
    assert [message.id for message in await teller.store.outbox.due(teller.at, 2)] == ["m0", "m1"]


async def test_a_refused_change_tells_nobody(teller: Teller) -> None:
    await teller.begin()
    teller.changes = 7
    with pytest.raises(Conflict):
        await teller.tell(Noted("late"), outbox=(OutboxMessage("m1", b"{}"),))
    assert await teller.store.outbox.due(teller.at) == []
