"""Messages: what is not one is refused by one exception, whatever it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs import messages as m

DECODERS = [
    m.decode_from_booth,
    m.decode_from_officer,
    m.decode_to_booth,
    m.decode_to_officer,
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize("decode", DECODERS)
@given(data=st.binary() | values.map(json.dumps))
def test_anything_else_is_malformed(decode: object, data: bytes | str) -> None:
    with pytest.raises(m.Malformed) as caught:
        decode(data)  # type: ignore[operator]
    assert len(str(caught.value)) <= 200


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"talk","id":1,"slot":0,"occupant":1,"revision":1}',
        '{"type":"talk","id":1,"slot":7,"occupant":1,"revision":1}',
        '{"type":"talk","id":1,"slot":1.5,"occupant":1,"revision":1}',
        '{"type":"talk","id":1,"slot":1,"occupant":0,"revision":1}',
        '{"type":"talk","id":1,"slot":1,"occupant":1}',
        '{"type":"talk","id":1,"slot":1,"occupant":1,"revision":1,"extra":1}',
        '{"type":"send_text","id":1,"slot":1,"occupant":1,"text":"%s"}' % ("x" * 501),
        '{"type":"send_text","id":1,"slot":1,"occupant":1,"text":""}',
        '{"type":"offer","id":1,"sdp":""}',
        '{"type":"start"}',
        "[" * 60_000,
        '{"a":' * 10_000,
    ],
)
def test_out_of_range_or_unknown(text: str) -> None:
    with pytest.raises(m.Malformed):
        m.decode_from_officer(text)


@given(
    st.builds(
        m.Talk,
        id=st.integers(0, 2**31),
        slot=st.integers(1, 6),
        occupant=st.integers(1, 2**53),
        revision=st.integers(0, 2**53),
    )
)
def test_a_message_survives_the_wire(talk: m.Talk) -> None:
    assert m.decode_from_officer(m.encode(talk)) == talk


def test_a_booth_is_told_nothing_that_names_another() -> None:
    fields = set(m.BoothState.__struct_fields__) | set(m.BoothWelcome.__struct_fields__)
    assert not fields & {"desk", "revision", "slot", "tiles", "on_air", "levels", "links", "next"}


def test_renewed_ice_servers_reach_both_kinds_of_client() -> None:
    server = m.IceServer(["turn:turn.example"], "1795251600:ab", "c2VjcmV0", 43_200_000)
    renewed = m.IceServers([server, m.IceServer(["stun:stun.example"])])
    text = m.encode(renewed)
    assert json.loads(text)["type"] == "ice_servers"
    assert json.loads(text)["ice_servers"][0]["expires_ms"] == 43_200_000
    assert m.decode_to_booth(text) == m.decode_to_officer(text) == renewed


def test_every_message_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "signalling.md").read_text()
    described = set(re.findall(r"`([a-z_]+)", text))
    for union in (m.FromBooth, m.ToBooth, m.FromOfficer, m.ToOfficer):
        for message in union.__args__:
            tag = message.__struct_config__.tag
            assert tag in described, tag
            for field in message.__struct_fields__:
                assert re.search(rf"\b{field}\b", text), f"{tag}.{field}"


def test_every_close_code_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "signalling.md").read_text()
    codes = {value for name, value in vars(m).items() if name.startswith("CLOSE_")}
    assert codes == {int(code) for code in re.findall(r"^\| (\d{4}) \|", text, re.M)}
