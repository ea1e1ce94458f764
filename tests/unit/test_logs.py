from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from vcs.logs import MASK, RateLimitedLog, configure_logs, mask_secrets


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root, aiohttp_log = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, level, aiohttp_level = list(root.handlers), root.level, aiohttp_log.level
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    aiohttp_log.setLevel(aiohttp_level)


def test_secrets_are_masked_at_any_depth() -> None:
    event: dict[str, Any] = {
        "event": "x",
        "device_token": "t",
        "Password": "p",
        "code": "7K2M-9QXA",
        "booth": 3,
        "offer": {"sdp": "v=0", "mid": "0"},
        "servers": [{"credential": "c", "urls": ["turn:a"]}],
    }
    assert mask_secrets(None, "info", event) == {
        "event": "x",
        "device_token": MASK,
        "Password": MASK,
        "code": MASK,
        "booth": 3,
        "offer": {"sdp": MASK, "mid": "0"},
        "servers": [{"credential": MASK, "urls": ["turn:a"]}],
    }


def test_lines_are_json_one_an_event_and_keep_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", json_lines=True)
    structlog.get_logger("a").info("too quiet")
    structlog.get_logger("a").warning("loud", token="hush-hush")
    logging.getLogger("library").warning("of a library")
    logging.getLogger("aiohttp.server").error("a hostile request")
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in written] == ["loud", "of a library"]
    assert written[0]["token"] == MASK
    assert written[0]["level"] == "warning"


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_traceback_shows_no_variables(
    capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    configure_logs("info", json_lines=json_lines)

    def broken(password: str) -> float:
        return 1 / (len(password) - len(password))

    try:
        broken("hush" + "-hush")
    except ZeroDivisionError as error:
        structlog.get_logger("a").error("failed", exc_info=error)
    text = capsys.readouterr().err
    assert "ZeroDivisionError" in text
    assert "hush-hush" not in text


def test_a_flood_of_one_event_is_one_line_with_a_count() -> None:
    now = 0.0
    said: list[tuple[str, dict[str, Any]]] = []

    class Logger:
        def warning(self, event: str, **values: Any) -> None:
            said.append((event, values))

    log = RateLimitedLog(Logger(), 10.0, lambda: now)
    for _ in range(1000):
        log.warning("flood", why="a")
    log.warning("other")
    now = 10.0
    log.warning("flood", why="b")
    now = 20.0
    log.warning("flood", why="c")
    assert said == [
        ("flood", {"why": "a"}),
        ("other", {}),
        ("flood", {"why": "b", "left_out": 999}),
        ("flood", {"why": "c"}),
    ]
