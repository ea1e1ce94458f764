"""From what stands in a TOML file or an environment variable to a value of the right type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from vcs.media.description import SrtpProfile
from vcs.messages import IceServer

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off"})


class BadSettings(Exception):
    """A setting is not in order; the text says which, what was given, what is allowed."""

    def __init__(self, key: str, given: object, allowed: str) -> None:
        super().__init__(f"{key}: {given!r} was given; allowed: {allowed}")
        self.key = key


def from_environment(kind: str, key: str, text: str) -> Any:
    """The value of a variable. Lists are separated by commas, empty text is an empty list."""
    text = text.strip()
    if kind.startswith("tuple"):
        items: list[Any] = [part.strip() for part in text.split(",") if part.strip()]
        if kind == "tuple[IceServer, ...]":
            items = [{"urls": [url]} for url in items]
        return from_file(kind, key, items)
    if kind == "bool":
        if text.lower() not in TRUE | FALSE:
            raise BadSettings(key, text, "true or false")
        return text.lower() in TRUE
    if kind in ("int", "float"):
        number = int if kind == "int" else float
        try:
            return number(text)
        except ValueError:
            raise BadSettings(key, text, _ALLOWED[kind]) from None
    return from_file(kind, key, text)


def from_file(kind: str, key: str, value: Any) -> Any:
    """The value of a key, `kind` being the annotation of its field. Raises `BadSettings`."""
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, KeyError) as error:
        # TURN servers come with a password, which an error message must not show.
        hidden = kind == "tuple[IceServer, ...]" or key.lower().endswith("secret")
        given = f"a {type(value).__name__}" if hidden else value
        raise BadSettings(key, given, _ALLOWED[kind]) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _path(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(item) for item in value)


def _profiles(value: Any) -> tuple[SrtpProfile, ...]:
    return tuple(SrtpProfile[name] for name in _texts(value))


def _ice_servers(value: Any) -> tuple[IceServer, ...]:
    return msgspec.convert(value, tuple[IceServer, ...])


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "Path": _path,
    "Path | None": _path,
    "tuple[str, ...]": _texts,
    "tuple[SrtpProfile, ...]": _profiles,
    "tuple[IceServer, ...]": _ice_servers,
}
_ALLOWED: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "Path": "a path",
    "Path | None": "a path",
    "tuple[str, ...]": "a list of texts",
    "tuple[SrtpProfile, ...]": "a list of " + ", ".join(profile.name for profile in SrtpProfile),
    "tuple[IceServer, ...]": "a list of {urls = [...], username = ..., credential = ...}",
}
