"""The newest visits of a name are found in the index alone: rows of all who have a common name are
not read one by one."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two indices anew, with what a search sorts by."""
    op.drop_index("ix_visit_branch_visitor", "visit")
    op.drop_index("ix_visit_visitor", "visit")
    op.create_index(
        "ix_visit_branch_visitor", "visit", ["branch_id", "visitor_key", "begun_at", "id"]
    )
    op.create_index("ix_visit_visitor", "visit", ["visitor_key", "begun_at", "id"])
