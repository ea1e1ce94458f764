from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vcs.transport import ice, stun
from vcs.transport.ice import IceAssociation, IceLite

HERE = ("192.0.2.1", 1000)
THERE = ("192.0.2.2", 2000)


class Port:
    """Records what would go out; paths as the plane keeps them."""

    def __init__(self) -> None:
        self.paths: dict[tuple[int, stun.Address], int] = {}
        self.sent: list[tuple[object, bytes]] = []
        self.made = 0

    def add_path(self, socket: int, address: stun.Address) -> int:
        if (socket, address) not in self.paths:
            self.made += 1
            self.paths[socket, address] = self.made
        return self.paths[socket, address]

    def drop_path(self, path: int) -> None:
        self.paths = {remote: known for remote, known in self.paths.items() if known != path}

    def send_to(self, path: int, data: bytes) -> None:
        assert path in self.paths.values()
        self.sent.append((path, data))

    def send_unbound(self, socket: int, address: stun.Address, data: bytes) -> None:
        self.sent.append(((socket, address), data))


class Table:
    def __init__(self) -> None:
        self.port = Port()
        self.lite = IceLite(self.port, "a1")
        self.told: list[int] = []

    def open(self) -> IceAssociation:
        return self.lite.open(self.told.append, now=0.0)

    def check(
        self,
        credentials: ice.Credentials,
        address: stun.Address = HERE,
        now: float = 1.0,
        *,
        nominate: bool = False,
        password: str | None = None,
        socket: int = 0,
    ) -> None:
        data = stun.binding_request(
            bytes(12),
            username=f"{credentials.ufrag}:theirs",
            password=(password or credentials.password).encode(),
            priority=1,
            tie_breaker=1,
            use_candidate=nominate,
        )
        self.lite.on_stun(socket, address, data, now)


@pytest.fixture
def table() -> Table:
    return Table()


def test_credentials_are_as_ice_wants_them(table: Table) -> None:
    seen = {table.open().credentials for _ in range(50)}
    assert len(seen) == 50
    for credentials in seen:
        assert credentials.ufrag.startswith("a1")
        assert 4 <= len(credentials.ufrag) <= 256
        assert 22 <= len(credentials.password) <= 256
        assert credentials.password not in repr(credentials)
    with pytest.raises(ValueError, match="server id"):
        IceLite(Port(), "a b")


def test_the_first_check_is_answered_and_selects(table: Table) -> None:
    association = table.open()
    table.check(association.credentials, now=3.0)
    assert table.told == [1]
    assert (association.selected_path, association.last_heard) == (1, 3.0)
    assert table.lite.owner(1) is association
    [(path, data)] = table.port.sent
    response = stun.parse(data)
    assert path == 1
    assert response is not None
    assert (response.type, response.mapped) == (stun.RESPONSE, HERE)
    assert response.authentic(association.credentials.password.encode())


def test_only_a_nomination_moves_the_path(table: Table) -> None:
    association = table.open()
    table.check(association.credentials)
    table.check(association.credentials, THERE)
    assert table.told == [1]
    table.check(association.credentials, THERE, nominate=True)
    assert table.told == [1, 2]
    table.check(association.credentials, THERE, nominate=True)
    assert table.told == [1, 2]
    table.check(association.credentials, HERE, nominate=True)
    assert table.told == [1, 2, 1]


def test_the_same_address_on_another_socket_is_another_path(table: Table) -> None:
    association = table.open()
    table.check(association.credentials)
    table.check(association.credentials, socket=1)
    assert len(association.paths) == 2


def test_a_wrong_password_learns_nothing_and_is_not_answered(table: Table) -> None:
    association = table.open()
    table.check(association.credentials, password="x" * 24, nominate=True)
    assert table.port.sent == []
    assert table.port.paths == {}
    assert (association.paths, association.selected_path) == ({}, None)
    assert association.last_heard == 0.0
    assert table.lite.counters == {"drop_stun_integrity": 1}


def test_what_is_dropped_and_why(table: Table) -> None:
    association = table.open()
    table.check(ice.Credentials("nobody", "x" * 24))
    for data in (b"", b"\x00", bytes(20)):
        table.lite.on_stun(0, HERE, data, 1.0)
    response = stun.binding_response(bytes(12), HERE, association.credentials.password.encode())
    table.lite.on_stun(0, HERE, response, 1.0)
    assert table.lite.counters == {
        "drop_stun_unknown_user": 1,
        "drop_stun_malformed": 3,
        "drop_stun_not_request": 1,
    }
    assert table.port.sent == []
    assert table.port.paths == {}


@given(st.binary(max_size=200), st.booleans())
def test_random_datagrams_learn_nothing(data: bytes, headed: bool) -> None:
    table = Table()
    association = table.open()
    head = stun.binding_request(
        bytes(12),
        username=f"{association.credentials.ufrag}:x",
        password=b"guessed",
        priority=1,
        tie_breaker=1,
        use_candidate=True,
    )
    table.lite.on_stun(0, HERE, (head[: len(data)] + data) if headed else data, 1.0)
    assert table.port.sent == []
    assert table.port.paths == {}
    assert table.told == []
    assert sum(table.lite.counters.values()) == 1


def test_a_controlled_client_is_told_to_change_its_role(table: Table) -> None:
    association = table.open()
    password = association.credentials.password.encode()
    body = bytearray(
        stun.binding_request(
            bytes(12),
            username=f"{association.credentials.ufrag}:x",
            password=password,
            priority=1,
            tie_breaker=1,
            use_candidate=False,
        )
    )
    # ICE-CONTROLLING becomes ICE-CONTROLLED, and then an attribute that nobody knows.
    for attribute, code in ((0x8029, 487), (0x7001, 420)):
        position = body.index(b"\x80\x2a") if attribute == 0x8029 else body.index(b"\x80\x29")
        body[position : position + 2] = attribute.to_bytes(2, "big")
        unsigned = bytes(body[20:-32])
        signed = stun._sealed(stun.REQUEST, bytes(12), unsigned, password)
        table.lite.on_stun(0, HERE, signed, 1.0)
        remote, data = table.port.sent.pop()
        answer = stun.parse(data)
        assert remote == (0, HERE)
        assert answer is not None
        assert (answer.type, answer.error_code) == (stun.ERROR, code)
        assert answer.authentic(password)
    assert table.port.paths == {}
    # Not to somebody who does not know the password.
    table.lite.on_stun(0, HERE, stun._sealed(stun.REQUEST, bytes(12), unsigned, b"x"), 1.0)
    assert table.port.sent == []


def test_paths_are_bounded_and_the_selected_one_stays(table: Table) -> None:
    association = table.open()
    for number in range(50):
        table.check(association.credentials, ("192.0.2.9", 1_000 + number), now=float(number))
    assert len(table.port.paths) == ice.MAX_PATHS == len(association.paths)
    assert association.selected_path == 1
    assert ("192.0.2.9", 1_000) in {address for _, address in table.port.paths}
    assert ("192.0.2.9", 1_049) in {address for _, address in table.port.paths}


def test_idle_paths_are_swept_but_not_the_selected_one(table: Table) -> None:
    association = table.open()
    table.check(association.credentials, now=0.0)
    table.check(association.credentials, THERE, now=10.0)
    table.lite.sweep(35.0)
    assert len(association.paths) == 2
    table.lite.sweep(41.0)
    assert association.paths == {1: 0.0}
    assert set(table.port.paths.values()) == {1}


def test_when_a_connection_ends_the_client_goes_on_over_another_path(table: Table) -> None:
    association = table.open()
    table.check(association.credentials, socket=7, now=1.0)
    table.check(association.credentials, HERE, now=2.0)
    table.check(association.credentials, THERE, now=3.0)
    assert table.told == [1]
    table.lite.connection_ended(7, HERE)
    assert table.told == [1, 3]
    assert association.selected_path == 3
    assert table.lite.owner(1) is None
    assert set(table.port.paths.values()) == {2, 3}
    table.lite.connection_ended(7, HERE)  # nobody's any more
    table.check(association.credentials, socket=8, now=4.0)
    table.lite.connection_ended(8, HERE)  # in reserve
    assert (table.told, association.selected_path) == ([1, 3], 3)


def test_after_the_end_of_the_only_connection_the_next_check_is_taken(table: Table) -> None:
    association = table.open()
    table.check(association.credentials, socket=7)
    table.lite.connection_ended(7, HERE)
    assert association.selected_path is None
    assert association.paths == {}
    table.check(association.credentials, socket=8, now=2.0)
    assert table.told == [1, association.selected_path]


def test_a_restart_keeps_the_old_credentials_until_the_new_are_used(table: Table) -> None:
    association = table.open()
    old = association.credentials
    table.check(old)
    new = table.lite.restart(association, now=2.0)
    assert new == association.credentials != old
    table.check(old, now=3.0)
    assert association.last_heard == 3.0
    table.check(new, now=4.0)
    table.check(old, now=5.0)
    assert association.last_heard == 4.0
    assert table.lite.counters["drop_stun_unknown_user"] == 1
    assert association.selected_path == 1


def test_old_credentials_end_after_ten_seconds(table: Table) -> None:
    association = table.open()
    old = association.credentials
    table.lite.restart(association, now=2.0)
    table.lite.sweep(11.9)
    table.check(old, now=11.9)
    assert association.last_heard == 11.9
    table.lite.sweep(12.0)
    table.check(old, now=12.1)
    assert association.last_heard == 11.9


def test_many_restarts_keep_two_credentials(table: Table) -> None:
    association = table.open()
    seen = [association.credentials, *(table.lite.restart(association, 1.0) for _ in range(5))]
    for credentials in seen[:-2]:
        table.check(credentials)
    assert association.paths == {}
    table.check(seen[-2])
    assert len(association.paths) == 1


def test_a_closed_association_is_forgotten(table: Table) -> None:
    association = table.open()
    old = association.credentials
    table.check(old)
    new = table.lite.restart(association, 1.0)
    table.lite.close(association)
    table.lite.close(association)
    assert table.port.paths == {}
    assert table.lite.owner(1) is None
    table.port.sent.clear()
    for credentials in (old, new):
        table.check(credentials)
    assert table.port.sent == []
    assert table.port.paths == {}


def test_a_path_in_use_cannot_be_taken(table: Table) -> None:
    """Another client that forges the sender's address of its checks."""
    victim, thief = table.open(), table.open()
    table.check(victim.credentials, now=1.0)
    table.port.sent.clear()
    table.check(thief.credentials, now=6.9, nominate=True)
    assert table.port.sent == []
    assert table.lite.owner(1) is victim
    assert thief.selected_path is None
    assert table.lite.counters["drop_stun_path_held"] == 1


def test_an_abandoned_path_passes_to_a_new_association(table: Table) -> None:
    """The same client again, from the same port."""
    former, present = table.open(), table.open()
    table.check(former.credentials, now=1.0)
    table.check(present.credentials, now=7.1)
    assert former.selected_path is None
    assert former.paths == {}
    assert present.selected_path is not None
    assert table.lite.owner(present.selected_path) is present
    table.lite.close(former)
    assert len(table.port.paths) == 1


def test_two_checks_of_one_burst_make_one_path(table: Table) -> None:
    association = table.open()
    table.check(association.credentials)
    table.check(association.credentials)
    assert len(association.paths) == 1
    assert table.told == [1]


@pytest.mark.parametrize("port", [0, -1, 1 << 16])
def test_a_port_that_cannot_be_sent_to_is_counted(table: Table, port: int) -> None:
    association = table.open()
    table.check(association.credentials, ("192.0.2.1", port), nominate=True)
    assert table.lite.counters == {"drop_stun_no_port": 1}
    assert (table.port.paths, table.port.sent, table.told) == ({}, [], [])
    assert (association.paths, association.last_heard) == ({}, 0.0)


def test_a_closed_association_cannot_be_restarted(table: Table) -> None:
    association = table.open()
    table.lite.close(association)
    with pytest.raises(ValueError, match="closed"):
        table.lite.restart(association, 1.0)
    assert table.lite._by_ufrag == {}
