"""A desk in numbers, for those who watch over the server: who is connected, and how well.

No visitor's name, no officer's, no address, no token: numbers, and the desk's own name.
"""

from __future__ import annotations

import msgspec

from vcs.link_stats import LinkStats


class ClientStats(msgspec.Struct, frozen=True):
    """A connected client: the booth at `slot`, or the console (null). `link` is null while it has
    no media."""

    slot: int | None
    link: LinkStats | None


class DeskStats(msgspec.Struct, frozen=True):
    """One desk and its clients, the console first. `on_air` is the slot that is talked to."""

    id: int
    name: str
    branch: str
    on_air: int | None
    announcing: bool
    clients: list[ClientStats]
