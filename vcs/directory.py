"""Who is who, for the signalling doors: the store's records as the live desks need them.

Asked anew each time: the command line may change the store while the server runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from vcs.clock import WallClock, utc_now
from vcs.live_desk import DeskIdentity, OfficerIdentity
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk


class StoredDirectory:
    """`vcs.http.doors.Directory` over the store."""

    def __init__(self, store: Store, now: WallClock = utc_now) -> None:
        self._store = store
        self._now = now

    async def booth_by_token(self, token: str) -> BoothPlace | None:
        """The booth that holds this device token."""
        return (await self.booths_by_token([token])).get(token)

    async def booths_by_token(self, tokens: Collection[str]) -> Mapping[str, BoothPlace]:
        """The booths that hold these device tokens; a token that nobody holds is left out."""
        return await self._store.booths.by_tokens(tokens)

    async def booths_of(self, desk_id: int) -> Sequence[BoothPlace]:
        """All that are at this desk now, enrolled or not."""
        return await self._store.booths.now_at(desk_id)

    async def desk(self, desk_id: int) -> DeskIdentity | None:
        desk = await self._store.branches.desk(desk_id)
        return None if desk is None else _identity(desk)

    async def officer_by_session(self, token: str) -> OfficerIdentity | None:
        """The officer whose session this is, unless it has ended or the officer is disabled."""
        return (await self.officers_by_session([token])).get(token)

    async def officers_by_session(self, tokens: Collection[str]) -> Mapping[str, OfficerIdentity]:
        """As `officer_by_session`, of many at once; a token that is nobody's is left out."""
        found = await self._store.sessions.accounts_for(tokens, self._now())
        return {
            token: OfficerIdentity(each.id, each.display_name, each.branch_id)
            for token, each in found.items()
            if each.role != "guard"
        }

    async def desks_of(self, officer: OfficerIdentity) -> Sequence[DeskIdentity]:
        """The desks that this officer may open: those of the officer's branch."""
        return [_identity(desk) for desk in await self._store.branches.desks(officer.branch_id)]


def _identity(desk: Desk) -> DeskIdentity:
    return DeskIdentity(desk.id, desk.name, desk.branch, desk.branch_id)
