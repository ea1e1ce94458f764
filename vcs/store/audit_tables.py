"""The tables of the audit. They hold no personal value and are never changed.

No foreign key leads out of them: what has vanished elsewhere must still be told of here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vcs.store.tables import Table


class AuditRow(Table):
    """One link of a visit's chain (`audit_chain`). `change`: the number of the change that it is
    about, none for a look; `digest` of that change's body."""

    __tablename__ = "audit"

    visit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(32))
    change: Mapped[int | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHeadRow(Table):
    """A hash over the ends of all chains that grew since the head before."""

    __tablename__ = "audit_head"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHeadEntryRow(Table):
    """The end of one chain, as a head saw it: the last row's number and hash."""

    __tablename__ = "audit_head_entry"

    head: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visit_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, index=True
    )
    number: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
