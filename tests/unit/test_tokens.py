from __future__ import annotations

import re

from vcs.messages import BoothHello, decode_from_booth, encode
from vcs.tokens import new_token, token_hash


def test_tokens_are_256_bits_fit_for_the_wire_and_hashed_one_way() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    for token in tokens:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
        assert decode_from_booth(encode(BoothHello(token))) == BoothHello(token)
        assert token not in token_hash(token)
    assert len({token_hash(token) for token in tokens}) == 200
    assert re.fullmatch("[0-9a-f]{64}", token_hash("\ud800"))
