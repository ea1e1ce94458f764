"""Log lines: set up once, kept free of secrets, and few under attack."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

import structlog

LEVELS: Final = ("debug", "info", "warning", "error")
MASK: Final = "***"
SECRET_WORDS: Final = (
    "token",
    "password",
    "secret",
    "cookie",
    "authorization",
    "credential",
    "sdp",
    "pairing_code",
)
SECRET_KEYS: Final = frozenset({"code", "ufrag", "pwd", "session", "nik"})


def mask_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A safety net, as a structlog processor: a value under a telling key is masked, at any depth.

    Nobody should log such a thing in the first place.
    """
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    lowered = key.lower()
    if lowered in SECRET_KEYS or any(word in lowered for word in SECRET_WORDS):
        return MASK
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", kept) for kept in value]
    return value


def configure_logs(level: str = "info", *, json_lines: bool | None = None) -> None:
    """One line for each event on standard error: JSON, or words when that is a terminal.

    Lines of libraries that use `logging` go the same way, from warnings up.
    """
    if json_lines is None:
        json_lines = not sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    renderer: structlog.typing.Processor
    if json_lines:
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        # Plain tracebacks: the pretty ones show local variables, and those hold secrets.
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # It writes a line for each malformed request; what fails in our handlers is logged by us.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


class RateLimitedLog:
    """Logs each event at most once in `every_s`, and says how many were left out in between.

    Events are fixed texts; what changes belongs into the values.
    """

    def __init__(
        self, logger: Any, every_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._every_s = every_s
        self._monotonic = monotonic
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def warning(self, event: str, **values: object) -> None:
        """Something that is worth a look."""
        self._say(self._logger.warning, event, values)

    def error(self, event: str, **values: object) -> None:
        """Something that is broken."""
        self._say(self._logger.error, event, values)

    def _say(self, say: Callable[..., Any], event: str, values: Mapping[str, object]) -> None:
        now = self._monotonic()
        last = self._last.get(event)
        if last is not None and now - last < self._every_s:
            self._left_out[event] = self._left_out.get(event, 0) + 1
            return
        self._last[event] = now
        left_out = self._left_out.pop(event, 0)
        say(event, **values, **({"left_out": left_out} if left_out else {}))


def rate_limited(
    name: str, every_s: float = 10.0, monotonic: Callable[[], float] = time.monotonic
) -> RateLimitedLog:
    """A log for what an outsider, or a broken disk, could cause any number of times a second."""
    return RateLimitedLog(structlog.get_logger(name), every_s, monotonic)
