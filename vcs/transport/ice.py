"""ICE-lite for all clients on the same sockets (RFC 8445 section 2.5, RFC 8839).

An address is learned, and a path made for it, only from a Binding request whose MESSAGE-INTEGRITY
holds. Whatever else arrives is counted by its reason and dropped without an answer; hence a sender
without credentials learns nothing from us, not even that we are here.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from vcs.transport import stun
from vcs.transport.stun import Address

SocketId = Any
PathId = Any
"""The packet plane's ids, handed back as they came; what they are is the plane's affair."""

MAX_PATHS: Final = 8
"""Addresses kept for one client. A client with two interfaces and both families needs four, and as
many for TCP."""

OLD_CREDENTIALS_S: Final = 10.0
"""After a restart the former credentials hold until the new ones are used, at most so long."""

PATH_IDLE_S: Final = 30.0
"""A path that was not checked for so long has lost its consent (RFC 7675 section 5.1). Browsers
check the pairs that they keep in reserve every 25 s."""

PATH_HELD_S: Final = 6.0
"""A path that was checked so recently cannot be taken over by another client's credentials."""

_ICE_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_UFRAG_RANDOM_CHARACTERS: Final = 12
_PASSWORD_CHARACTERS: Final = 24  # 144 bits; RFC 8445 section 5.3 asks for 128


class DatagramPort(Protocol):
    """What we need of the packet plane (see its contract)."""

    def add_path(self, socket: SocketId, address: Address, /) -> PathId: ...
    def drop_path(self, path: PathId, /) -> None: ...
    def send_to(self, path: PathId, data: bytes, /) -> None: ...
    def send_unbound(self, socket: SocketId, address: Address, data: bytes, /) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Our user fragment and password, as they stand in an answer."""

    ufrag: str
    password: str


@dataclass(slots=True, eq=False)
class IceAssociation:
    """One client's addresses. Made by `IceLite.open`; only `IceLite` changes it.

    `last_heard`: when the last authentic check came, or when it was opened (monotonic seconds).
    """

    on_selected_path: Callable[[PathId], None]
    last_heard: float
    credentials: Credentials
    former: Credentials | None = None
    former_until: float = 0.0
    paths: dict[PathId, float] = field(default_factory=dict)
    """Each path with the time of its last check, longest unheard first."""
    selected_path: PathId | None = None
    closed: bool = False


class IceLite:
    """The table of our user fragments, and of the paths that checks have made."""

    def __init__(self, port: DatagramPort, server_id: str) -> None:
        """`server_id` begins every ufrag, so that a router in front could tell servers apart.

        Raises `ValueError` unless it is 0 to 16 letters and digits.
        """
        if not re.fullmatch("[A-Za-z0-9]{0,16}", server_id):
            raise ValueError("the server id must be at most 16 letters and digits")
        self._port = port
        self._server_id = server_id
        self._by_ufrag: dict[str, tuple[IceAssociation, bytes]] = {}
        self._owners: dict[PathId, IceAssociation] = {}
        self._paths: dict[tuple[SocketId, Address], PathId] = {}
        self._remotes: dict[PathId, tuple[SocketId, Address]] = {}
        self.counters: Counter[str] = Counter()

    def open(self, on_selected_path: Callable[[PathId], None], now: float) -> IceAssociation:
        """Expect a client. `on_selected_path` is told whenever packets are to go another way."""
        association = IceAssociation(on_selected_path, now, self._new_credentials())
        self._register(association, association.credentials)
        return association

    def restart(self, association: IceAssociation, now: float) -> Credentials:
        """New credentials (RFC 8445 section 9). The paths stay until new ones are chosen.

        Raises `ValueError` for one that is closed: its credentials would be found for ever.
        """
        if association.closed:
            raise ValueError("a closed association cannot be restarted")
        self._forget_former(association)
        association.former = association.credentials
        association.former_until = now + OLD_CREDENTIALS_S
        association.credentials = self._new_credentials()
        self._register(association, association.credentials)
        return association.credentials

    def close(self, association: IceAssociation) -> None:
        """Forget the client: its fragments, its addresses. May be called again."""
        if association.closed:
            return
        association.closed = True
        for credentials in (association.credentials, association.former):
            if credentials is not None:
                del self._by_ufrag[credentials.ufrag]
        for path in list(association.paths):
            self._drop_path(association, path)

    def owner(self, path: PathId) -> IceAssociation | None:
        """Whose path this is."""
        return self._owners.get(path)

    def on_stun(self, socket: SocketId, address: Address, data: bytes, now: float) -> None:
        """A datagram of class 0..3 (RFC 7983), from anywhere. Never raises for what it holds."""
        if not 0 < address[1] < 1 << 16:
            # Port 0 is a port to send from for who wants no answer, and none to send to.
            self.counters["drop_stun_no_port"] += 1
            return
        message = stun.parse(data)
        if message is None:
            self.counters["drop_stun_malformed"] += 1
            return
        if message.type != stun.REQUEST:
            self.counters["drop_stun_not_request"] += 1
            return
        # The look-up comes before the hash: a stranger's packet costs no cryptography.
        ufrag = (message.username or "").partition(":")[0]
        known = self._by_ufrag.get(ufrag)
        if known is None:
            self.counters["drop_stun_unknown_user"] += 1
            return
        association, password = known
        if not message.authentic(password):
            self.counters["drop_stun_integrity"] += 1
            return
        if message.unknown or message.controlled:
            # A lite agent is always the controlled one (RFC 8445 section 6.1.1).
            code = stun.BAD_ATTRIBUTE if message.unknown else stun.ROLE_CONFLICT
            self.counters["stun_errors_sent"] += 1
            error = stun.binding_error(message.transaction, code, password, message.unknown)
            self._port.send_unbound(socket, address, error)
            return
        self._on_check(association, ufrag, message, password, (socket, address), now)

    def connection_ended(self, socket: SocketId, address: Address) -> None:
        """A TCP connection is no more. Its client goes on over the path that was checked last, if
        it has another one; else over the next that it checks."""
        path = self._paths.get((socket, address))
        if path is None:
            return
        association = self._owners[path]
        selected = association.selected_path == path
        self._drop_path(association, path)
        if selected:
            association.selected_path = following = next(reversed(association.paths), None)
            if following is not None:
                association.on_selected_path(following)

    def sweep(self, now: float) -> None:
        """Forget former credentials and idle paths whose time is over. To be called each second or
        so; the selected path stays for as long as the association does."""
        for association in {id(known): known for known, _ in self._by_ufrag.values()}.values():
            if association.former is not None and now >= association.former_until:
                self._forget_former(association)
            for path, heard in list(association.paths.items()):
                if now - heard > PATH_IDLE_S and path != association.selected_path:
                    self._drop_path(association, path)

    def _on_check(
        self,
        association: IceAssociation,
        ufrag: str,
        message: stun.Message,
        password: bytes,
        remote: tuple[SocketId, Address],
        now: float,
    ) -> None:
        # Looked up here and not taken from the event: between two events of one burst the path may
        # have been made, or dropped.
        path = self._paths.get(remote)
        if path is None or self._owners[path] is not association:
            if not self._may_learn(path, now):
                self.counters["drop_stun_path_held"] += 1
                return
            path = self._learn(association, remote)
        association.paths.pop(path, None)  # goes to the end: longest unheard first
        association.paths[path] = now
        association.last_heard = now
        if association.former is not None and ufrag == association.credentials.ufrag:
            self._forget_former(association)
        response = stun.binding_response(message.transaction, remote[1], password)
        self._port.send_to(path, response)
        self.counters["stun_answered"] += 1
        # The first one is selected at once: browsers begin DTLS before they nominate.
        chosen = message.use_candidate or association.selected_path is None
        if chosen and path != association.selected_path:
            association.selected_path = path
            association.on_selected_path(path)

    def _may_learn(self, path: PathId | None, now: float) -> bool:
        return path is None or now - self._owners[path].paths[path] >= PATH_HELD_S

    def _learn(self, association: IceAssociation, remote: tuple[SocketId, Address]) -> PathId:
        taken = self._paths.get(remote)
        if taken is not None:
            self._drop_path(self._owners[taken], taken)
        while len(association.paths) >= MAX_PATHS:
            idle = next(p for p in association.paths if p != association.selected_path)
            self._drop_path(association, idle)
        path = self._port.add_path(*remote)
        self._owners[path] = association
        self._paths[remote] = path
        self._remotes[path] = remote
        return path

    def _drop_path(self, association: IceAssociation, path: PathId) -> None:
        del association.paths[path]
        del self._owners[path]
        del self._paths[self._remotes.pop(path)]
        if association.selected_path == path:
            association.selected_path = None
        self._port.drop_path(path)

    def _forget_former(self, association: IceAssociation) -> None:
        if association.former is not None:
            del self._by_ufrag[association.former.ufrag]
            association.former = None

    def _register(self, association: IceAssociation, credentials: Credentials) -> None:
        self._by_ufrag[credentials.ufrag] = association, credentials.password.encode("ascii")

    def _new_credentials(self) -> Credentials:
        while True:
            ufrag = self._server_id + _random_text(_UFRAG_RANDOM_CHARACTERS)
            if ufrag not in self._by_ufrag:
                return Credentials(ufrag, _random_text(_PASSWORD_CHARACTERS))


def new_credentials() -> Credentials:
    """For a client's side, without a server id."""
    return Credentials(_random_text(8), _random_text(_PASSWORD_CHARACTERS))


def _random_text(characters: int) -> str:
    return "".join(secrets.choice(_ICE_CHARACTERS) for _ in range(characters))
