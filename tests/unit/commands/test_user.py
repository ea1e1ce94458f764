from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Vcs
from vcs.officer.accounts import Accounts, WrongCredentials
from vcs.officer.passwords import Passwords
from vcs.store import Store


@pytest.fixture
def may_sign_in(tmp_path: Path):  # type: ignore[no-untyped-def]
    async def ask(password: str) -> bool:
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/data/vcs.db")
        try:
            session = await Accounts(store, await Passwords.open()).sign_in("sari", password, None)
        except WrongCredentials:
            return False
        finally:
            await store.close()
        return session.officer.display_name == "Sari"

    return lambda password: asyncio.run(ask(password))


def test_a_user_is_added_changed_disabled_and_enabled(vcs: Vcs, may_sign_in) -> None:  # type: ignore[no-untyped-def]
    vcs("branch add Cilandak")
    first = "kata sandi sari"
    added = vcs("user add Sari --branch Cilandak --password-stdin", input=f"{first}\n")
    assert (added.exit_code, added.output) == (0, "User sari may sign in at branch Cilandak.\n")
    assert may_sign_in(first)
    assert vcs("user list").output == "sari  Sari  Cilandak\n"
    changed = vcs("user password sari", input="yang baru sekali\nyang baru sekali\n")
    assert changed.exit_code == 0
    assert "yang baru" not in changed.output
    assert not may_sign_in(first)
    assert may_sign_in("yang baru sekali")
    assert vcs("user disable sari").exit_code == 0
    assert vcs("user list").output.endswith("disabled\n")
    assert not may_sign_in("yang baru sekali")
    assert vcs("user enable sari").exit_code == 0
    assert may_sign_in("yang baru sekali")


@pytest.mark.parametrize(
    ("line", "typed", "told"),
    [
        ("user add sari --branch Nowhere", "", "there is no branch named 'Nowhere'"),
        ("user add s!r! --branch Cilandak", "", "a user's name has 2 to 64"),
        ("user add sari --branch Cilandak --password-stdin", "short\n", "8 to 256 characters"),
        ("user add sari --branch Cilandak", "12345678\n87654321\n", "Aborted!"),
        ("user disable nobody", "", "there is no user named 'nobody'"),
        ("user password nobody --password-stdin", "12345678\n", "no user named 'nobody'"),
    ],
)
def test_mistakes_get_a_sentence_and_a_code(vcs: Vcs, line: str, typed: str, told: str) -> None:
    vcs("branch add Cilandak")
    result = vcs(line, input=typed)
    assert result.exit_code == 1
    assert told in result.output
    assert "no user yet" in vcs("user list").output


def test_a_password_cannot_be_an_argument(vcs: Vcs) -> None:
    assert vcs("user add sari --branch Cilandak --password 12345678").exit_code == 2


def test_a_user_may_be_an_administrator(vcs: Vcs) -> None:
    vcs("branch add Cilandak")
    line = "user add sari --branch Cilandak --password-stdin --role"
    assert vcs(f"{line} king", input="kata sandi sari\n").exit_code == 2
    assert vcs(f"{line} administrator", input="kata sandi sari\n").exit_code == 0
    assert vcs("user list").output == "sari  sari  Cilandak  administrator\n"
