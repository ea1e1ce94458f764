"""The settings of TURN: clear errors, and none that shows the secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcs.config import BadSettings, Settings
from vcs.turn_settings import is_turn_url

SECRET = "north-sea-lighthouse"
URL = "turn:turn.example:3478?transport=tcp"


def load(**variables: str) -> Settings:
    return Settings.load(environment={f"VCS_{key}": text for key, text in variables.items()})


def test_urls_and_the_secret_of_the_environment() -> None:
    settings = load(TURN_URLS=f"{URL},turns:[2001:db8::7]:443", TURN_SECRET=SECRET)
    turn = settings.turn
    assert turn is not None
    assert turn.urls == (URL, "turns:[2001:db8::7]:443")
    assert (turn.secret, turn.lifetime_s) == (SECRET, 43_200.0)
    assert SECRET not in repr(settings)
    assert settings.replace(turn_lifetime_s=60.0).turn is not None
    assert Settings().turn is None


def test_the_secret_of_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "turn.secret"
    file.write_text(f"{SECRET}\n")
    turn = load(TURN_URLS=URL, TURN_SECRET_FILE=str(file)).turn
    assert turn is not None
    assert turn.secret == SECRET


@pytest.mark.parametrize(
    ("key", "variables", "allowed"),
    [
        ("turn_urls", {"TURN_URLS": "stun:a.example", "TURN_SECRET": SECRET}, "turn:HOST"),
        ("turn_urls", {"TURN_SECRET": SECRET}, "one or more TURN servers"),
        ("turn_secret", {"TURN_URLS": URL}, "static-auth-secret"),
        ("turn_secret", {"TURN_URLS": URL, "TURN_SECRET": "hush-hush"}, "16 to 256"),
        ("turn_secret", {"TURN_URLS": URL, "TURN_SECRET": "hush " * 9}, "without spaces"),
        (
            "turn_secret_file",
            {"TURN_URLS": URL, "TURN_SECRET": "hush" * 9, "TURN_SECRET_FILE": "/etc/hostname"},
            "not both",
        ),
        (
            "turn_secret_file",
            {"TURN_URLS": URL, "TURN_SECRET_FILE": "/nowhere"},
            "a file (No such file or directory)",
        ),
        (
            "turn_lifetime_s",
            {"TURN_URLS": URL, "TURN_SECRET": SECRET, "TURN_LIFETIME_S": "5"},
            "60.0 to 86400.0 seconds",
        ),
    ],
)
def test_what_is_wrong_is_told_and_the_secret_is_not(
    key: str, variables: dict[str, str], allowed: str
) -> None:
    with pytest.raises(BadSettings) as wrong:
        load(**variables)
    assert wrong.value.key == key
    assert allowed in str(wrong.value)
    assert "hush" not in str(wrong.value)


@pytest.mark.parametrize("content", [b"hush-hush", b"hush-hush-hush-hush\xff", b""])
def test_a_file_that_holds_no_secret(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "turn.secret"
    file.write_bytes(content)
    with pytest.raises(BadSettings, match="turn_secret_file") as wrong:
        load(TURN_URLS=URL, TURN_SECRET_FILE=str(file))
    assert "hush" not in str(wrong.value)


def test_a_secret_of_the_wrong_type_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "vcs.toml"
    file.write_text("turn_secret = ['hush-hush']")
    with pytest.raises(BadSettings, match="'a list' was given") as wrong:
        Settings.load(file, {})
    assert "hush" not in str(wrong.value)


@pytest.mark.parametrize(
    "text",
    ["turn:a", "turn:192.0.2.1:3478", "turns:turn.example:443?transport=tcp", "turn:[::1]:1"],
)
def test_urls_that_browsers_take(text: str) -> None:
    assert is_turn_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn:",
        "turn://a",
        "turn:a:0",
        "turn:a:70000",
        "turn:a?transport=sctp",
        "turn:user@a",
        "turn:[::1",
        "turn:[1:2]",
        "https://a",
        "turn:a b",
        "turn:a\n",
    ],
)
def test_urls_that_they_do_not(text: str) -> None:
    assert not is_turn_url(text)
