"""What must outlive the process: branches, desks, booths, officers, talk intervals, tickets, visits
and their audit.

SQLAlchemy is used here and nowhere else; callers get frozen records. Another process (the command
line) may write to the same database at the same time: nothing is cached.
"""

from __future__ import annotations

from pathlib import Path

from vcs.store.audit import Audit
from vcs.store.audit_check import AuditCheck
from vcs.store.audit_heads import AuditHeads
from vcs.store.booths import Booths
from vcs.store.branches import Branches
from vcs.store.database import Database
from vcs.store.desk_days import DeskDays
from vcs.store.officers import Officers
from vcs.store.outbox import Outbox
from vcs.store.pairing_codes import PairingCodes
from vcs.store.records import AlreadyThere, NotThere
from vcs.store.serving import Serving
from vcs.store.sessions import Sessions
from vcs.store.talk import TalkIntervals
from vcs.store.tally import Tallies
from vcs.store.tickets import Tickets
from vcs.store.visits import Visits

__all__ = ["AlreadyThere", "NotThere", "Store"]


class Store:
    """One open database. Methods are grouped by what they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.branches = Branches(database)
        self.serving = Serving(database)
        self.booths = Booths(database)
        self.pairing_codes = PairingCodes(database)
        self.officers = Officers(database)
        self.sessions = Sessions(database)
        self.talk = TalkIntervals(database)
        self.tickets = Tickets(database)
        self.visits = Visits(database)
        self.desk_days = DeskDays(database)
        self.tallies = Tallies(database)
        self.outbox = Outbox(database)
        self.audit = Audit(database)
        self.audit_heads = AuditHeads(database)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Open `sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`, and
        bring its tables up to date.

        Raises `StoreUnavailable` when it cannot be used.
        """
        return cls(await Database.open(url))

    def audit_check(self, data_dir: Path) -> AuditCheck:
        """A run over the whole audit and the evidence in this directory."""
        return AuditCheck(self._database, data_dir)

    async def close(self) -> None:
        """Close every connection. The store cannot be used afterwards."""
        await self._database.close()
