"""The client's ICE agent towards a server with ICE-lite: always controlling, no I/O, no clock.

Checks go to all of the server's candidates; the first that answers is taken and nominated at once
(a path that works now is worth more here than a better one later). From then on each check carries
USE-CANDIDATE, so that the server follows when our address changes, and the answers are the consent
to go on sending (RFC 7675).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vcs.transport import stun
from vcs.transport.ice import Credentials
from vcs.transport.stun import Address

FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 1.0
CONSENT_INTERVAL_S: Final = 2.5
UNANSWERED_INTERVAL_S: Final = 0.5

_MAX_OUTSTANDING: Final = 64
_PRIORITY: Final = (110 << 24) + (65_535 << 8) + 255  # peer-reflexive host (RFC 8445 section 7.1.1)


@dataclass(frozen=True, slots=True)
class _Check:
    address: Address
    nominates: bool


class ControllingAgent:
    """Addresses are as the socket gives and takes them.

    `selected`: where to send; None until the first answer. `nominated`: the server has taken it
    too. `last_answer`: when the last authentic answer came, or when the agent began.
    `next_at`: when to call `due` again.
    """

    def __init__(
        self,
        local: Credentials,
        remote: Credentials,
        candidates: Sequence[Address],
        now: float,
        interval: float = CONSENT_INTERVAL_S,
    ) -> None:
        """`interval`: seconds between checks on a path that is in use."""
        self.selected: Address | None = None
        self.nominated = False
        self.last_answer = now
        self.next_at = now
        self._interval = interval
        self._candidates = tuple(candidates)
        self._validated: set[Address] = set()
        self._username = f"{remote.ufrag}:{local.ufrag}"
        self._password = remote.password.encode()
        self._tie_breaker = secrets.randbits(64)
        self._retry = FIRST_RETRY_S
        self._outstanding: dict[bytes, _Check] = {}

    def knows(self, address: Address) -> bool:
        """True for an address that has answered a check: DTLS is taken from there alone."""
        return address in self._validated

    def due(self, now: float) -> list[tuple[Address, bytes]]:
        """Checks to send now: when `next_at` has come; else none."""
        if now < self.next_at:
            return []
        if self.nominated:
            self.next_at = now + min(UNANSWERED_INTERVAL_S, self._interval)
        else:
            self.next_at = now + self._retry
            self._retry = min(2 * self._retry, LAST_RETRY_S)
        if self.selected is None:
            return [(address, self._check(address, False)) for address in self._candidates]
        return [(self.selected, self._check(self.selected, True))]

    def on_stun(self, address: Address, data: bytes, now: float) -> bool:
        """A datagram of class 0..3. True when it was an authentic answer to one of our checks.

        Call `due` afterwards: a first answer is followed by a nomination at once.
        """
        message = stun.parse(data)
        if message is None or message.type != stun.RESPONSE:
            return False
        check = self._outstanding.get(message.transaction)
        if check is None or check.address != address or not message.authentic(self._password):
            return False
        del self._outstanding[message.transaction]
        self._validated.add(address)
        self.last_answer = now
        if self.selected is None:
            self.selected = address
            self._retry = FIRST_RETRY_S
            self.next_at = now
        elif address == self.selected and check.nominates:
            self.nominated = True
            self._outstanding.clear()
            # Spread by a fifth, as consent checks are to be (RFC 7675 section 5.1).
            self.next_at = now + self._interval * random.uniform(0.8, 1.0)  # noqa: S311
        return True

    def recheck(self, now: float) -> None:
        """Our own address has changed: check, and nominate, from there at once."""
        self.nominated = False
        self._outstanding.clear()
        self._retry = FIRST_RETRY_S
        self.next_at = now

    def _check(self, address: Address, nominates: bool) -> bytes:
        transaction = stun.new_transaction()
        while len(self._outstanding) >= _MAX_OUTSTANDING:
            del self._outstanding[next(iter(self._outstanding))]
        self._outstanding[transaction] = _Check(address, nominates)
        return stun.binding_request(
            transaction,
            username=self._username,
            password=self._password,
            priority=_PRIORITY,
            tie_breaker=self._tie_breaker,
            use_candidate=nominates,
        )
