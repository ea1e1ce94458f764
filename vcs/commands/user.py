"""`vcs user`: who may sign in at a console."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, cast, get_args

import click

from vcs.commands.setting_up import config_option, in_store
from vcs.config import Settings
from vcs.officer.accounts import Accounts, read_name
from vcs.officer.passwords import Passwords, check_password
from vcs.store import Store
from vcs.store.records import Role

ROLES: Final = get_args(Role)

password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of input."
)


@click.group()
def user() -> None:
    """Officers who may sign in."""


@user.command()
@click.argument("name")
@click.option("--branch", required=True, help="The branch's name.")
@click.option("--display-name", help="As booths and colleagues see it; else NAME.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="officer",
    show_default=True,
    help="An administrator may also ask for /api/stats; a guard issues tickets alone.",
)
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@password_stdin
@config_option
def add(
    name: str,
    branch: str,
    display_name: str | None,
    role: str,
    language: str,
    password_stdin: bool,
    config: Path | None,
) -> None:
    """Make an officer's account. The password is asked for, twice."""

    async def check(store: Store, _settings: Settings) -> int:
        read_name(name)
        return (await store.branches.named(branch)).id

    async def work(store: Store, _settings: Settings) -> str:
        accounts = Accounts(store, await Passwords.open())
        officer = await accounts.add(
            name,
            password,
            branch_id,
            display_name=display_name,
            role=cast(Role, role),
            language="en" if language == "en" else "id",
        )
        return officer.name

    branch_id = in_store(config, check)
    password = _ask_password(password_stdin)
    click.echo(f"User {in_store(config, work)} may sign in at branch {branch}.")


@user.command()
@click.argument("name")
@password_stdin
@config_option
def password(name: str, password_stdin: bool, config: Path | None) -> None:
    """Set a new password. Whoever is signed in under this name is signed out."""

    async def work(store: Store, _settings: Settings) -> None:
        await Accounts(store, await Passwords.open()).set_password(name, new)

    new = _ask_password(password_stdin)
    in_store(config, work)
    click.echo(f"User {name} has a new password.")


@user.command("list")
@config_option
def list_users(config: Path | None) -> None:
    """Every user, with branch, role unless it is officer, and whether disabled."""

    async def work(store: Store, _settings: Settings) -> list[str]:
        branches = {branch.id: branch.name for branch in await store.branches.all()}
        return [
            f"{officer.name}  {officer.display_name}  {branches[officer.branch_id]}"
            + ("" if officer.role == "officer" else f"  {officer.role}")
            + ("  disabled" if officer.disabled else "")
            for officer in await store.officers.all()
        ]

    lines = in_store(config, work)
    click.echo("\n".join(lines) if lines else "There is no user yet: vcs user add NAME --branch B")


@user.command()
@click.argument("name")
@config_option
def disable(name: str, config: Path | None) -> None:
    """Shut a user out, at once."""
    _set_disabled(name, True, config)
    click.echo(f"User {name} can no longer sign in.")


@user.command()
@click.argument("name")
@config_option
def enable(name: str, config: Path | None) -> None:
    """Let a disabled user in again."""
    _set_disabled(name, False, config)
    click.echo(f"User {name} can sign in again.")


def _set_disabled(name: str, disabled: bool, config: Path | None) -> None:
    async def work(store: Store, _settings: Settings) -> None:
        await store.officers.set_disabled(read_name(name), disabled)

    in_store(config, work)


def _ask_password(from_input: bool) -> str:
    """Never an argument: those are seen by every process of the machine."""
    if from_input:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True, type=str)
    try:
        return check_password(typed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
