from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.pairing_code import ALPHABET, code_hash, new_code, read_code


def test_codes_have_forty_bits_in_two_groups() -> None:
    assert len(ALPHABET) ** 8 == 2**40
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code) for code in codes)


@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    loose = code.lower().replace("0", "o").replace("1", "l")
    assert read_code(code) == code
    assert read_code(f" {loose[:4]} - {loose[4:]} ") == code


@given(st.text(max_size=12))
def test_whatever_is_typed_gives_a_code_or_nothing(typed: str) -> None:
    code = read_code(typed)
    assert code is None or (len(code) == 8 and set(code) <= set(ALPHABET))


@pytest.mark.parametrize("typed", ["", "7K2M-9QX", "7K2M-9QXAA", "7K2M-9QXU", "7K2M_9QXA"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_the_hash_depends_on_the_servers_key() -> None:
    hashes = {code_hash("7K2M9QXA", key) for key in (b"a" * 32, b"b" * 32)}
    assert len(hashes) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in hashes)
