from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.commands.conftest import Vcs


@pytest.mark.parametrize("command", ["booth", "booth run"])
def test_a_booth_without_a_token_says_so(vcs: Vcs, command: str, tmp_path: Path) -> None:
    result = vcs(f"{command} --server http://127.0.0.1:9 --token-file {tmp_path}/t")
    assert result.exit_code == 1
    assert "pair this booth first" in result.output


def test_every_option_reaches_the_booth(vcs: Vcs, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def run_agent(server: str, **options: object) -> int:
        asked.append((server, options))
        return 3

    monkeypatch.setattr("vcs.booth.headless.run_agent", run_agent)
    result = vcs(
        "booth --server https://s --pair 7K2M-9QXA --token-file t --media m --sound tone "
        "--tone-hz 440 --frame-rate 10 --agree --record r --ca-file c --insecure --tcp"
    )
    assert result.exit_code == 3
    assert asked == [
        (
            "https://s",
            {
                "pair": "7K2M-9QXA",
                "token_file": Path("t"),
                "media": Path("m"),
                "sound": "tone",
                "tone_hz": 440,
                "frame_rate": 10,
                "agree": True,
                "record": Path("r"),
                "ca_file": Path("c"),
                "insecure": True,
                "tcp": True,
            },
        )
    ]


def test_without_a_server_the_group_explains_itself(vcs: Vcs) -> None:
    result = vcs("booth")
    assert result.exit_code == 0
    assert "pair" in result.output and "--server" in result.output
