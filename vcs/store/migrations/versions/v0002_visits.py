"""Tickets, visits with their logs, drafts, captures, decisions, the outbox, and the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _tickets()
    _visits()
    _logs()
    _look_ups()
    _audit()


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("branch_id", sa.Integer, sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("flow", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("priority", sa.Boolean, nullable=False),
        sa.Column("priority_kind", sa.String(16)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True)),
        sa.Column("called_booth_id", sa.Integer, sa.ForeignKey("booth.id")),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("branch_id", "day", "number"),
    )
    op.create_index("ix_ticket_code", "ticket", ["branch_id", "code", "day"])


def _visits() -> None:
    key = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("branch_id", sa.Integer, sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desk.id"), nullable=False),
        sa.Column("booth_id", sa.Integer, sa.ForeignKey("booth.id"), nullable=False),
        sa.Column("occupant", sa.BigInteger, nullable=False),
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("ticket.id")),
        sa.Column("flow", sa.String(64), nullable=False),
        sa.Column("flow_version", sa.Integer, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("salt", sa.LargeBinary(32)),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reference", sa.String(100)),
        sa.Column("visitor", sa.String(200)),
        sa.Column("visitor_key", key),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id")),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("audited", sa.Integer, nullable=False),
        sa.Column("headed", sa.Integer, nullable=False),
    )
    for name, column, where, unique in (
        ("ix_visit_at_booth", "booth_id", "phase <> 'ended'", True),
        ("ix_visit_unheaded", "id", "audited > headed", False),
    ):
        op.create_index(
            name,
            "visit",
            [column],
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_visit_branch_begun", "visit", ["branch_id", "begun_at", "id"])
    op.create_index("ix_visit_begun", "visit", ["begun_at", "id"])
    op.create_index("ix_visit_branch_visitor", "visit", ["branch_id", "visitor_key"])
    op.create_index("ix_visit_visitor", "visit", ["visitor_key"])
    op.create_index("ix_visit_reference", "visit", ["reference"])
    op.create_index("ix_visit_ticket", "visit", ["ticket_id"])


def _logs() -> None:
    op.create_table(
        "visit_change",
        sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id")),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_table(
        "draft",
        sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), primary_key=True),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _look_ups() -> None:
    op.create_table(
        "capture",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("octets", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("derived_from", sa.String(64)),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects", sa.String(64)),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("visit_id", sa.BigInteger, sa.ForeignKey("visit.id"), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.String(500)),
    )
    for table in ("capture", "decision", "outbox"):
        op.create_index(f"ix_{table}_visit_id", table, ["visit_id"])
    undelivered = sa.text("delivered_at IS NULL")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["next_at"],
        sqlite_where=undelivered,
        postgresql_where=undelivered,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("visit_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("officer_id", sa.Integer),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("change", sa.Integer),
        sa.Column("digest", sa.LargeBinary(32)),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "audit_head_entry",
        sa.Column("head", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("visit_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_audit_head_entry_visit_id", "audit_head_entry", ["visit_id"])
