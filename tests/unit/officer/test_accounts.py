from __future__ import annotations

from unittest.mock import patch

import pytest
from argon2 import PasswordHasher

from tests.unit.conftest import Clocks
from vcs.officer.accounts import (
    WRONG_PER_MINUTE_AND_NAME,
    Accounts,
    BadName,
    WrongCredentials,
    read_name,
)
from vcs.officer.passwords import Overloaded, Passwords
from vcs.store import Store
from vcs.store.records import Desk
from vcs.tries import TooManyTries

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "kata sandi sari"


@pytest.fixture
async def passwords() -> Passwords:
    return await Passwords.open(CHEAP)


@pytest.fixture
async def accounts(store: Store, desk: Desk, passwords: Passwords, clocks: Clocks) -> Accounts:
    made = Accounts(store, passwords, clocks.now, clocks.monotonic)
    await made.add("Sari", PASSWORD, desk.branch_id, display_name="Sari Dewi")
    return made


async def test_signing_in_gives_a_session_for_twelve_hours(
    accounts: Accounts, clocks: Clocks
) -> None:
    session = await accounts.sign_in(" SARI ", PASSWORD, "192.0.2.1")
    assert (session.officer.name, session.officer.display_name) == ("sari", "Sari Dewi")
    assert session.token not in repr(session)
    clocks.pass_by(hours=11, minutes=59)
    assert await accounts.officer_for(session.token) == session.officer
    clocks.pass_by(minutes=1)
    assert await accounts.officer_for(session.token) is None


async def test_signing_out_ends_the_session(accounts: Accounts) -> None:
    session = await accounts.sign_in("sari", PASSWORD, "192.0.2.1")
    await accounts.sign_out(session.token)
    assert await accounts.officer_for(session.token) is None


async def test_unknown_names_wrong_passwords_and_disabled_users_look_and_cost_alike(
    accounts: Accounts, store: Store, passwords: Passwords
) -> None:
    with patch.object(passwords._hasher.__class__, "verify", autospec=True) as verify:
        verify.return_value = True
        for name in ("nobody", "not a name!", "", "x" * 300):
            with pytest.raises(WrongCredentials):
                await accounts.sign_in(name, PASSWORD, f"192.0.2.{len(name) % 200}")
        assert verify.call_count == 4
    with pytest.raises(WrongCredentials):
        await accounts.sign_in("sari", "wrong wrong", "192.0.2.201")
    with pytest.raises(WrongCredentials):
        await accounts.sign_in("sari", PASSWORD + "x" * 500, "192.0.2.201")
    await store.officers.set_disabled("sari", True)
    with pytest.raises(WrongCredentials):
        await accounts.sign_in("sari", PASSWORD, "192.0.2.202")


async def test_five_wrong_tries_lock_the_guesser_out_and_not_the_officer(
    accounts: Accounts, clocks: Clocks
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in("sari", "wrong wrong", "192.0.2.1")
    with pytest.raises(TooManyTries) as refused:
        await accounts.sign_in("sari", PASSWORD, "192.0.2.1")
    assert refused.value.retry_after_s == 60
    assert (await accounts.sign_in("sari", PASSWORD, "192.0.2.9")).token


async def test_wrong_tries_from_many_addresses_are_limited_too(
    accounts: Accounts, clocks: Clocks
) -> None:
    for number in range(WRONG_PER_MINUTE_AND_NAME):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in("sari", "wrong wrong", f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        await accounts.sign_in("sari", PASSWORD, "203.0.113.9")
    for number in range(5):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in(f"user{number}", "wrong wrong", "198.51.100.1")
    with pytest.raises(TooManyTries):
        await accounts.sign_in("other", PASSWORD, "198.51.100.1")
    clocks.pass_by(minutes=1)
    for _ in range(7):
        assert (await accounts.sign_in("sari", PASSWORD, "198.51.100.1")).token


async def test_a_crowd_costs_nobody_his_tries(accounts: Accounts, passwords: Passwords) -> None:
    with patch.object(passwords, "verify", side_effect=Overloaded):
        for _ in range(10):
            with pytest.raises(Overloaded):
                await accounts.sign_in("sari", PASSWORD, "192.0.2.1")
    assert (await accounts.sign_in("sari", PASSWORD, "192.0.2.1")).token


async def test_a_new_password_ends_sessions_and_stronger_parameters_do_not(
    accounts: Accounts, store: Store, clocks: Clocks
) -> None:
    session = await accounts.sign_in("sari", PASSWORD, "192.0.2.1")
    stronger = Accounts(store, await Passwords.open(PasswordHasher(2, 16, 1)), clocks.now)
    assert (await stronger.sign_in("sari", PASSWORD, "192.0.2.1")).token
    stored = await store.officers.with_password_hash("sari")
    assert stored is not None and "t=2" in stored[1]
    assert await accounts.officer_for(session.token) is not None
    await accounts.set_password("sari", "yang baru sekali")
    assert await accounts.officer_for(session.token) is None
    assert (await accounts.sign_in("sari", "yang baru sekali", "192.0.2.1")).token


@pytest.mark.parametrize("typed", ["", "a", "-sari", "sa ri", "sári", "s" * 65, "sari\n;"])
def test_names_are_plain(typed: str) -> None:
    with pytest.raises(BadName):
        read_name(typed)
    assert read_name("Ｓari.dewi-2@a") == "sari.dewi-2@a"
