from __future__ import annotations

import aioice.stun
import hypothesis.strategies as st
import pytest
from hypothesis import given

from vcs.transport import stun

PASSWORD = b"x" * 24
IPV4 = ("192.0.2.7", 40_000)
IPV6 = ("2001:db8::7", 40_001)


def request(use_candidate: bool = True) -> bytes:
    return stun.binding_request(
        bytes(range(12)),
        username="ours:theirs",
        password=PASSWORD,
        priority=123,
        tie_breaker=2**63,
        use_candidate=use_candidate,
    )


@pytest.mark.parametrize("use_candidate", [True, False])
def test_aioice_reads_our_request(use_candidate: bool) -> None:
    read = aioice.stun.parse_message(request(use_candidate))
    assert read.check_message_integrity(PASSWORD)
    assert read.attributes["USERNAME"] == "ours:theirs"
    assert read.attributes["PRIORITY"] == 123
    assert read.attributes["ICE-CONTROLLING"] == 2**63
    assert ("USE-CANDIDATE" in read.attributes) is use_candidate
    assert "FINGERPRINT" in read.attributes


def test_we_read_aioices_request() -> None:
    message = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
    message.attributes["USERNAME"] = "abc:de"  # padded by two
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLED"] = 5
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(PASSWORD)
    read = stun.parse(bytes(message))
    assert read is not None
    assert (read.type, read.transaction) == (stun.REQUEST, message.transaction_id)
    assert (read.username, read.use_candidate, read.controlled) == ("abc:de", True, True)
    assert read.unknown == ()
    assert read.authentic(PASSWORD)
    assert not read.authentic(b"another")


@pytest.mark.parametrize("address", [IPV4, IPV6])
def test_responses_both_ways(address: stun.Address) -> None:
    ours = stun.binding_response(bytes(12), address, PASSWORD)
    theirs = aioice.stun.parse_message(ours)
    assert theirs.attributes["XOR-MAPPED-ADDRESS"] == address
    assert theirs.check_message_integrity(PASSWORD)
    read = stun.parse(bytes(theirs))
    assert read is not None
    assert (read.type, read.mapped) == (stun.RESPONSE, address)


def test_errors_both_ways() -> None:
    ours = stun.binding_error(bytes(12), stun.BAD_ATTRIBUTE, PASSWORD, (0x7001, 0x7002))
    theirs = aioice.stun.parse_message(ours)
    assert theirs.error_code == 420
    assert theirs.check_message_integrity(PASSWORD)
    read = stun.parse(ours)
    assert read is not None
    assert (read.type, read.error_code) == (stun.ERROR, 420)


def with_attribute(data: bytes, attribute: bytes) -> bytes:
    return data[:2] + (len(data) - 20 + len(attribute)).to_bytes(2, "big") + data[4:] + attribute


def test_attributes_after_the_signature_are_not_believed() -> None:
    signed = request(use_candidate=False)[:-8]  # without FINGERPRINT
    signed = signed[:2] + (len(signed) - 20).to_bytes(2, "big") + signed[4:]
    read = stun.parse(with_attribute(signed, b"\x00\x25\x00\x00"))
    assert read is not None
    assert read.authentic(PASSWORD)
    assert not read.use_candidate


@pytest.mark.parametrize(
    "attribute",
    [
        b"\x00\x08\x00\x04abcd",  # a signature of another length
        b"\x00\x09\x00\x00",  # an error without a code
        b"\x80\x28\x00\x04abcd",  # a wrong fingerprint
        b"\x00\x06\x00\x05abcd",  # longer than the message
        b"\x00\x06\x00\x04abcd\x00\x06\x00\x04efgh",  # two names
    ],
)
def test_malformed_attributes(attribute: bytes) -> None:
    empty = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    assert stun.parse(empty) is not None
    assert stun.parse(with_attribute(empty, attribute)) is None


def test_a_message_of_too_many_attributes() -> None:
    empty = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    assert stun.parse(with_attribute(empty, b"\x80\x01\x00\x00" * 32)) is not None
    assert stun.parse(with_attribute(empty, b"\x80\x01\x00\x00" * 33)) is None


def test_an_unsigned_message_is_never_authentic() -> None:
    empty = stun.parse(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12))
    assert empty is not None
    assert not empty.authentic(PASSWORD)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    for prefix in (b"", b"\x00\x01", request()[:8], request()[:20]):
        read = stun.parse(prefix + data)
        assert read is None or not read.authentic(PASSWORD)


@given(st.integers(0, (len(request()) - 8) * 8 - 1))
def test_a_flipped_bit_is_noticed(bit: int) -> None:
    """In all that is signed, that is, up to FINGERPRINT."""
    data = bytearray(request())
    data[bit // 8] ^= 1 << bit % 8
    read = stun.parse(bytes(data))
    assert read is None or not read.authentic(PASSWORD)


@given(st.integers(0, len(request()) - 1))
def test_a_truncated_request_is_nothing(size: int) -> None:
    assert stun.parse(request()[:size]) is None
