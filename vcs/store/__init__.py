"""What must outlive the process: branches, desks, booths, officers, sessions and talk intervals.

SQLAlchemy is used here and nowhere else; callers get frozen records. Another process (the command
line) may write to the same file at the same time: nothing is cached.
"""

from __future__ import annotations

from vcs.store.booths import Booths
from vcs.store.branches import Branches
from vcs.store.database import Database
from vcs.store.officers import Officers
from vcs.store.pairing_codes import PairingCodes
from vcs.store.records import AlreadyThere, NotThere
from vcs.store.sessions import Sessions
from vcs.store.talk import TalkIntervals

__all__ = ["AlreadyThere", "NotThere", "Store"]


class Store:
    """One open database. Methods are grouped by what they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.branches = Branches(database)
        self.booths = Booths(database)
        self.pairing_codes = PairingCodes(database)
        self.officers = Officers(database)
        self.sessions = Sessions(database)
        self.talk = TalkIntervals(database)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Open `sqlite+aiosqlite:///PATH`, making the tables that are missing.

        Raises `StoreUnavailable` when the file cannot be used.
        """
        return cls(await Database.open(url))

    async def close(self) -> None:
        """Close every connection. The store cannot be used afterwards."""
        await self._database.close()
