"""When to ask a publisher for a key frame: at once for a switch, seldom for a decoder's wish."""

from __future__ import annotations

from typing import Final

URGENT_APART_S: Final = 0.25
REPEAT_S: Final = 0.3
"""A route that still waits asks again: the request or the key frame may have been lost."""

APART_S: Final = 1.0
_NEVER: Final = float("inf")


class KeyFrameDemand:
    """The requests for one stream, coalesced. Takes the time, keeps no timer."""

    __slots__ = ("_asked_at", "_asked_urgently_at", "_due", "_urgent_due")

    def __init__(self) -> None:
        self._asked_at = self._asked_urgently_at = -_NEVER
        self._due = self._urgent_due = _NEVER

    @property
    def due(self) -> float:
        """When `take` will have a request; infinity when nobody wants one."""
        return min(self._due, self._urgent_due)

    def route_waits(self, now: float) -> None:
        """A route was switched to the stream and can show nothing of it yet."""
        self._urgent_due = min(self._urgent_due, max(now, self._asked_urgently_at + URGENT_APART_S))

    def decoder_asks(self, now: float) -> None:
        self._due = min(self._due, max(now, self._asked_at + APART_S))

    def came(self) -> None:
        """A key frame began: whoever asked has what he wants."""
        self._due = _NEVER

    def nobody_waits(self) -> None:
        self._urgent_due = _NEVER

    def take(self, now: float) -> bool | None:
        """None when nothing is due; else whether the request to make now is urgent. While a route
        waits it falls due again."""
        if now >= self._urgent_due:
            self._asked_at = self._asked_urgently_at = now
            self._urgent_due = now + REPEAT_S
            self._due = _NEVER
            return True
        if now >= self._due:
            self._asked_at = now
            self._due = _NEVER
            return False
        return None
