from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from vcs.transport import stun
from vcs.transport.client_ice import CONSENT_INTERVAL_S, ControllingAgent
from vcs.transport.ice import Credentials

LOCAL = Credentials("mine", "m" * 22)
REMOTE = Credentials("a1their", "t" * 24)
NEAR = ("192.0.2.1", 5000)
FAR = ("192.0.2.2", 5000)


def agent() -> ControllingAgent:
    return ControllingAgent(LOCAL, REMOTE, (NEAR, FAR), now=100.0)


def response(check: bytes, password: str = REMOTE.password) -> bytes:
    return stun.binding_response(check[8:20], ("192.0.2.9", 1), password.encode())


def read(check: bytes) -> stun.Message:
    message = stun.parse(check)
    assert message is not None
    assert message.authentic(REMOTE.password.encode())
    assert message.username == "a1their:mine"
    return message


def connected() -> ControllingAgent:
    checking = agent()
    (_, check), _ = checking.due(100.0)
    assert checking.on_stun(NEAR, response(check), 100.01)
    [(_, nomination)] = checking.due(100.01)
    assert checking.on_stun(NEAR, response(nomination), 100.02)
    return checking


def test_all_candidates_are_checked_again_and_again() -> None:
    checking = agent()
    times = []
    for _ in range(6):
        now = checking.next_at
        times.append(round(now - 100, 3))
        assert [address for address, _ in checking.due(now)] == [NEAR, FAR]
        assert checking.due(now) == []
    assert times == [0, 0.1, 0.3, 0.7, 1.5, 2.5]


def test_the_first_answer_selects_and_nominates() -> None:
    checking = agent()
    _, (address, check) = checking.due(100.0)
    assert not read(check).use_candidate
    assert checking.on_stun(address, response(check), 100.2)
    assert (checking.selected, checking.nominated, checking.last_answer) == (FAR, False, 100.2)
    [(address, nomination)] = checking.due(100.2)
    assert address == FAR
    assert read(nomination).use_candidate
    assert checking.on_stun(FAR, response(nomination), 100.3)
    assert checking.nominated
    assert checking.knows(FAR)
    assert not checking.knows(NEAR)


def test_consent_is_asked_for_again_and_sooner_when_unanswered() -> None:
    checking = connected()
    assert 0.8 * CONSENT_INTERVAL_S <= checking.next_at - 100.02 <= CONSENT_INTERVAL_S
    assert checking.due(101.0) == []
    now = checking.next_at
    [(_, first)] = checking.due(now)
    assert checking.next_at == now + 0.5
    [(_, second)] = checking.due(now + 0.5)
    assert checking.on_stun(NEAR, response(first), now + 0.6)
    assert checking.last_answer == now + 0.6
    assert not checking.on_stun(NEAR, response(second), now + 0.7)


def test_only_authentic_answers_from_the_right_address_count() -> None:
    checking = agent()
    (_, check), _ = checking.due(100.0)
    assert not checking.on_stun(NEAR, response(check, "x" * 24), 100.1)
    assert not checking.on_stun(FAR, response(check), 100.1)
    assert not checking.on_stun(NEAR, check, 100.1)
    error = stun.binding_error(check[8:20], 487, REMOTE.password.encode())
    assert not checking.on_stun(NEAR, error, 100.1)
    assert (checking.selected, checking.last_answer) == (None, 100.0)
    assert checking.on_stun(NEAR, response(check), 100.1)
    assert not checking.on_stun(NEAR, response(check), 100.2)


def test_a_new_address_of_ours_is_checked_at_once() -> None:
    checking = connected()
    checking.recheck(101.0)
    [(_, nomination)] = checking.due(101.0)
    assert read(nomination).use_candidate
    assert checking.next_at == 101.1
    assert checking.on_stun(NEAR, response(nomination), 101.05)
    assert checking.nominated


@given(st.binary(max_size=100))
def test_random_datagrams_change_nothing(data: bytes) -> None:
    checking = agent()
    checking.due(100.0)
    assert not checking.on_stun(NEAR, data, 101.0)
    assert (checking.selected, checking.last_answer) == (None, 100.0)


def test_unanswered_checks_are_bounded() -> None:
    checking = agent()
    for _ in range(500):
        checking.due(checking.next_at)
    assert len(checking._outstanding) <= 64
