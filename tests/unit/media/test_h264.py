from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.h264 import starts_key_frame
from vcs.media.packet import MalformedPacket


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"\x67", True),
        (b"\x65slice", True),
        (b"\x41slice", False),
        (b"\x68pps", False),
        (b"\x78\0\2\x67a\0\2\x68b", True),
        (b"\x78\0\2\x68a\0\2\x65b", True),
        (b"\x78\0\2\x41a\0\2\x41b", False),
        (b"\x7c\x85", True),
        (b"\x7c\x05", False),
        (b"\x7c\x45", False),
        (b"\x7c\x81", False),
    ],
)
def test_where_a_key_frame_begins(payload: bytes, key: bool) -> None:
    assert starts_key_frame(b"??" + payload, 2, 2 + len(payload)) is key


@pytest.mark.parametrize("payload", [b"", b"\x7c", b"\x78\0", b"\x78\0\5a", b"\x78\0\0"])
def test_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedPacket):
        starts_key_frame(payload + b"behind", 0, len(payload))


@given(st.binary(max_size=30), st.sampled_from([b"", b"\x78", b"\x7c"]))
def test_any_bytes_give_an_answer_or_the_one_error(data: bytes, head: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        starts_key_frame(head + data, 0, len(head + data))
