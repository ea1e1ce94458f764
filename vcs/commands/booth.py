"""`vcs booth`: places of booths, their pairing, and the booth without a browser."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import click

from vcs.booth.enrolment import CODE_LIFE, Enrolment, PairingOffer
from vcs.commands.headless import headless_options, run_headless
from vcs.commands.setting_up import (
    config_option,
    find_desk,
    find_place,
    in_store,
    place_options,
)
from vcs.config import Settings
from vcs.http.tls import own_addresses
from vcs.messages import Language
from vcs.secret_key import load_secret_key
from vcs.store import NotThere, Store
from vcs.store.records import BoothPlace


@click.group(invoke_without_command=True)
@headless_options(required=False)
@click.pass_context
def booth(context: click.Context, /, **options: object) -> None:
    """Booths. With --server: run one here without a browser, as `vcs booth run` does."""
    if context.invoked_subcommand is not None:
        if options["server"] is not None:
            raise click.UsageError("--server belongs to `vcs booth run`")
        return
    if options["server"] is None:
        click.echo(context.get_help())
        return
    run_headless(**options)


@booth.command()
@headless_options(required=True)
def run(**options: object) -> None:
    """Be a booth without a browser, until stopped."""
    run_headless(**options)


@booth.command()
@place_options
@click.option("--name", help="As the officer sees it; else `Bilik SLOT`.")
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@config_option
def add(
    branch: str,
    desk_of: str | None,
    desk: int,
    slot: int,
    name: str | None,
    language: str,
    config: Path | None,
) -> None:
    """Make a place for a booth at a desk."""

    async def work(store: Store, _settings: Settings) -> BoothPlace:
        own, found = await find_place(store, branch, desk_of, desk)
        spoken: Language = "en" if language == "en" else "id"
        return await store.booths.add(found.id, slot, name, spoken, own.id)

    place = in_store(config, work)
    click.echo(f"{place.name} has place {slot} at desk {desk} of {desk_of or branch}.")


@booth.command()
@place_options
@click.option("--name", help="For a place that is made by this.")
@config_option
def pair(
    branch: str, desk_of: str | None, desk: int, slot: int, name: str | None, config: Path | None
) -> None:
    """Print a pairing code for a booth, making its place when there is none."""

    async def work(store: Store, settings: Settings) -> tuple[BoothPlace, PairingOffer, str]:
        own, found = await find_place(store, branch, desk_of, desk)
        place = await store.booths.at(found.id, slot)
        if place is None:
            place = await store.booths.add(found.id, slot, name, branch_id=own.id)
        _must_be_of(place, branch)
        enrolment = Enrolment(store, load_secret_key(settings.data_dir))
        return place, await enrolment.pair(place.id), booth_url(settings)

    place, offer, url = in_store(config, work)
    minutes = int(CODE_LIFE.total_seconds() // 60)
    click.echo(f"{place.name}, place {slot} at desk {desk} of {desk_of or branch}")
    click.echo(f"  pairing code  {offer.code}")
    click.echo(
        f"  valid until   {offer.expires_at.astimezone():%H:%M:%S} ({minutes} minutes), once"
    )
    click.echo(f"  open there    {url}#pair={offer.code}")
    if place.enrolled:
        click.echo("  The device that is this booth now stays it until the code is used.")


@booth.command("place")
@place_options
@click.option("--to-desk-of", help="The branch whose desk it goes to; else the same as now.")
@click.option("--to-desk", type=click.IntRange(1), help="Else a desk of the same number.")
@click.option("--to-slot", type=click.IntRange(1, 6), required=True, help="1 to 6.")
@config_option
def place_booth(
    branch: str,
    desk_of: str | None,
    desk: int,
    slot: int,
    to_desk_of: str | None,
    to_desk: int | None,
    to_slot: int,
    config: Path | None,
) -> None:
    """Give a booth another place, at another desk even. It stays its branch's and keeps its device.

    A desk of another branch must serve the booth's branch: `vcs desk serve`.
    """
    home, number = to_desk_of or desk_of or branch, to_desk or desk

    async def work(store: Store, _settings: Settings) -> BoothPlace:
        place = await _find_booth(store, branch, desk_of, desk, slot)
        target = await find_desk(store, home, number)
        return await store.booths.place(place.id, target.id, to_slot)

    place = in_store(config, work)
    click.echo(f"{place.name} of {branch} has place {to_slot} at desk {number} of {home} now.")


@booth.command("list")
@config_option
def list_booths(config: Path | None) -> None:
    """Every booth, with its place and whether a device is enrolled."""

    async def work(store: Store, _settings: Settings) -> list[str]:
        return [
            f"{branch.name}  desk {desk.number}  place {place.slot}  {place.name}  "
            + ("" if place.branch_id == branch.id else f"of {place.branch}  ")
            + ("enrolled" if place.enrolled else "not enrolled")
            + ("" if place.in_service else "  out of service")
            for branch in await store.branches.all()
            for desk in await store.branches.desks(branch.id)
            for place in await store.booths.of_desk(desk.id)
        ]

    lines = in_store(config, work)
    click.echo("\n".join(lines) if lines else "There is no booth yet: vcs booth pair --help")


@booth.command()
@place_options
@config_option
def revoke(branch: str, desk_of: str | None, desk: int, slot: int, config: Path | None) -> None:
    """Take the token away from the device that is this booth."""

    async def work(store: Store, settings: Settings) -> None:
        place = await _find_booth(store, branch, desk_of, desk, slot)
        await Enrolment(store, load_secret_key(settings.data_dir)).revoke(place.id)

    in_store(config, work)
    click.echo("The device is this booth no more; a running server ends its connection soon.")


@booth.command()
@place_options
@click.argument("state", type=click.Choice(["on", "off"]))
@config_option
def service(
    branch: str, desk_of: str | None, desk: int, slot: int, state: str, config: Path | None
) -> None:
    """Switch a booth on or off; it shows so from its next connection on."""

    async def work(store: Store, _settings: Settings) -> None:
        place = await _find_booth(store, branch, desk_of, desk, slot)
        await store.booths.set_in_service(place.id, state == "on")

    in_store(config, work)
    click.echo(f"The booth is {'in' if state == 'on' else 'out of'} service.")


async def _find_booth(
    store: Store, branch: str, desk_of: str | None, desk: int, slot: int
) -> BoothPlace:
    _, found = await find_place(store, branch, desk_of, desk)
    place = await store.booths.at(found.id, slot)
    if place is None:
        raise NotThere(f"desk {desk} of {found.branch!r} has no booth in place {slot}")
    _must_be_of(place, branch)
    return place


def _must_be_of(place: BoothPlace, branch: str) -> None:
    """A wrong name must not reach another branch's booth."""
    if place.branch != branch:
        raise NotThere(
            f"the booth in place {place.slot} there is of {place.branch!r}, not of {branch!r}"
        )


def booth_url(settings: Settings) -> str:
    """The booth's page, as a booth would open it: by an origin of the settings, if there is one."""
    if settings.origins:
        return f"{settings.origins[0]}/booth"
    host = settings.http_host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if address.is_unspecified:
            reachable = [ipaddress.ip_address(own) for own in own_addresses()]
            address = next((own for own in reachable if not own.is_loopback), reachable[0])
        host = f"[{address}]" if address.version == 6 else str(address)
    scheme, default = ("https", 443) if settings.tls else ("http", 80)
    port = "" if settings.http_port == default else f":{settings.http_port}"
    return f"{scheme}://{host}{port}/booth"
