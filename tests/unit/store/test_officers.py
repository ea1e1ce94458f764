from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.conftest import Clocks
from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.records import Desk, Officer


async def _sari(store: Store, desk: Desk) -> Officer:
    return await store.officers.add(
        name="sari", display_name="Sari", password_hash="h1", branch_id=desk.branch_id
    )


async def test_an_officer_has_one_name_and_records_hold_no_hash(store: Store, desk: Desk) -> None:
    sari = await _sari(store, desk)
    assert sari == Officer(sari.id, "sari", "Sari", desk.branch_id, "officer", "id", False)
    with pytest.raises(AlreadyThere, match="sari"):
        await _sari(store, desk)
    assert await store.officers.all() == [sari]
    assert await store.officers.with_password_hash("sari") == (sari, "h1")
    assert await store.officers.with_password_hash("nobody") is None


@pytest.mark.parametrize("change", ["password", "disable"])
async def test_a_new_password_and_disabling_end_the_sessions(
    store: Store, desk: Desk, clocks: Clocks, change: str
) -> None:
    sari = await _sari(store, desk)
    now = clocks.now()
    await store.sessions.add("token", sari.id, now, now + timedelta(hours=12))
    assert await store.sessions.officer_for("token", now) == sari
    await store.officers.set_password_hash("sari", "h2", end_sessions=False)
    assert await store.sessions.officer_for("token", now) == sari
    if change == "password":
        await store.officers.set_password_hash("sari", "h3")
    else:
        await store.officers.set_disabled("sari", True)
        await store.officers.set_disabled("sari", False)
    assert await store.sessions.officer_for("token", now) is None
    with pytest.raises(NotThere):
        await store.officers.set_disabled("nobody", True)
