from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from vcs.plane import SocketId
from vcs.plane.paths import PathTable, canonical

FOUR, SIX = SocketId(0), SocketId(1)


@pytest.fixture
def table() -> Iterator[PathTable]:
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    yield PathTable({FOUR: four, SIX: six})
    four.close()
    six.close()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_have_one_spelling(written: str, meant: str) -> None:
    assert canonical((written, 9)) == (meant, 9)


@pytest.mark.parametrize(
    "address", [("", 1), ("booth.example", 1), ("192.0.2.1.5", 1), ("::g", 1), ("192.0.2.1", 0)]
)
def test_what_is_no_address_is_refused(address: tuple[str, int]) -> None:
    with pytest.raises(ValueError):
        canonical(address)


def test_the_same_path_for_the_same_address(table: PathTable) -> None:
    path = table.add(SIX, ("2001:db8::1", 5000))
    assert table.add(SIX, ("2001:DB8::0:1", 5000)) == path
    assert table.add(SIX, ("2001:db8::1", 5001)) != path
    over_four = table.add(FOUR, ("192.0.2.1", 5000))
    assert table.add(SIX, ("192.0.2.1", 5000)) != over_four
    table.drop(path)
    with pytest.raises(KeyError):
        table.drop(path)
    assert table.add(SIX, ("2001:db8::1", 5000)) != path, "an id is never given out twice"


def test_destinations_fit_the_family(table: PathTable) -> None:
    over_six = table.add(SIX, ("192.0.2.1", 5000))
    assert table.by_id[over_six].destination == ("::ffff:192.0.2.1", 5000)
    with pytest.raises(ValueError):
        table.add(FOUR, ("2001:db8::1", 5000))
    with pytest.raises(KeyError):
        table.add(SocketId(7), ("192.0.2.1", 5000))
