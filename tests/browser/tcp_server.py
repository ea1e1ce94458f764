"""`vcs serve` whose answers name TCP candidates alone, as if the network between had no UDP: to a
server with ICE-lite nobody can find another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from socket import socket

import vcs.media_server
from vcs.cli import main
from vcs.transport.sockets import candidates


def tcp_candidates(
    public_addresses: Sequence[str], sockets: Mapping[int, socket], *, tcp: bool
) -> list[str]:
    """The server's own, without UDP."""
    lines = candidates(public_addresses, sockets, tcp=tcp)
    return [line for line in lines if " tcp " in line]


vcs.media_server.candidates = tcp_candidates  # type: ignore[assignment]
main()
