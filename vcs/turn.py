"""Credentials for TURN servers (RFC 8656) that end by themselves, made without asking anybody.

The TURN server and this one share a secret, as the TURN REST API has it
(draft-uberti-behave-turn-rest-00, section 2.2): the user name is the Unix time of the end, a colon
and a name; the password is base64 of the HMAC-SHA1 of that under the secret. coturn calls this
`use-auth-secret`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vcs.clock import utc_now
from vcs.messages import IceServer

RENEWED_AFTER: Final = 0.5
"""Share of the lifetime after which clients get new credentials."""

NAME_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """TURN servers that share one secret.

    `urls` as in RFC 7065; `lifetime_s`: seconds for which a credential holds.
    """

    urls: tuple[str, ...]
    secret: str = field(repr=False)
    lifetime_s: float

    def name(self, client: str) -> str:
        """How the TURN server knows this client: always the same for quotas and logs, and nothing
        that tells who it is, or how many others there are."""
        digest = hmac.new(self.secret.encode(), f"client {client}".encode(), hashlib.sha256)
        return digest.hexdigest()[:NAME_CHARACTERS]

    def credentials(self, client: str, now: datetime) -> IceServer:
        """A credential for `client` (any text that names it) that holds from `now` for
        `lifetime_s`."""
        username = f"{int(now.timestamp() + self.lifetime_s)}:{self.name(client)}"
        # SHA-1 is what the draft and coturn have; as a MAC it stands.
        mac = hmac.new(self.secret.encode(), username.encode(), hashlib.sha1)
        return IceServer(
            urls=list(self.urls),
            username=username,
            credential=base64.b64encode(mac.digest()).decode(),
            expires_ms=round(self.lifetime_s * 1000),
        )


class IceServers:
    """The STUN and TURN servers that clients are told of."""

    def __init__(
        self,
        fixed: Sequence[IceServer] = (),
        turn: Turn | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`fixed` are told as they stand; `turn` with a credential for each client."""
        self._fixed = tuple(fixed)
        self._turn = turn
        self._now = now

    @property
    def renew_every_s(self) -> float | None:
        """How often a connected client is to be told anew; None: never, nothing ends."""
        return None if self._turn is None else self._turn.lifetime_s * RENEWED_AFTER

    def of(self, client: str) -> list[IceServer]:
        """What this client is told now."""
        servers = list(self._fixed)
        if self._turn is not None:
            servers.append(self._turn.credentials(client, self._now()))
        return servers
