from __future__ import annotations

from pathlib import Path

import pytest

from vcs.booth.headless import run_agent


@pytest.mark.parametrize(
    ("server", "pair", "says"),
    [
        ("vcs.example", "ABCD-2345", "not the address of a server"),
        ("http://127.0.0.1:9", "ABCD-2345", "refused"),
        ("http://127.0.0.1:9", None, "pair this booth first"),
    ],
)
def test_what_cannot_work_is_told_in_words(
    tmp_path: Path, server: str, pair: str | None, says: str
) -> None:
    said: list[str] = []
    code = run_agent(server, token_file=tmp_path / "token", pair=pair, say=said.append)
    assert code == 1
    assert says in said[-1]
