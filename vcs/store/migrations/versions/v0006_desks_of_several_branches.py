"""A desk may serve other branches beside its own, and a booth belongs to a branch wherever it is
placed. So far it belonged to its desk's. A booth's visits are found by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Two tables, one of them filled, and an index."""
    op.create_table(
        "booth_branch",
        sa.Column("booth_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booth.id"]),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"]),
        sa.PrimaryKeyConstraint("booth_id"),
    )
    op.execute(
        "INSERT INTO booth_branch (booth_id, branch_id) "
        "SELECT booth.id, desk.branch_id FROM booth JOIN desk ON desk.id = booth.desk_id"
    )
    op.create_table(
        "desk_branch",
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"]),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"]),
        sa.PrimaryKeyConstraint("desk_id", "branch_id"),
    )
    op.create_index("ix_visit_booth_begun", "visit", ["booth_id", "begun_at", "id"])
