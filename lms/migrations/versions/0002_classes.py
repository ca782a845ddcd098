"""Staff, classes, joining, assigning, declared totals, proposals."""

import secrets

import sqlalchemy as sa
from alembic import op

from lms import db as types
from lms.migrations.guards import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVENTS = {
    "declared_totals": (),
    "person_merges": ("id", "kept_id", "merged_id", "at", "by", "moved"),
    "staff_acts": (),
}
STANDING = sa.text("left_on IS NULL")


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "school_years",
        sa.Column("first_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("first_year", name=op.f("pk_school_years")),
    )
    op.create_table(
        "classrooms",
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("school_id", types.Key(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_year"], ["school_years.first_year"], name=op.f("fk_classrooms_first_year")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["units.id"], name=op.f("fk_classrooms_school_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_classrooms_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_classrooms")),
        sa.UniqueConstraint("code", name=op.f("uq_classrooms_code")),
        sa.UniqueConstraint(
            "school_id", "first_year", "name_key", name=op.f("uq_classrooms_school_id_first_year_name_key")
        ),
    )
    op.create_table(
        "person_merges",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("kept_id", types.Key(), nullable=False),
        sa.Column("merged_id", types.Key(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["persons.id"], name=op.f("fk_person_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["persons.id"], name=op.f("fk_person_merges_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merges")),
    )
    op.create_index(op.f("ix_person_merges_kept_id"), "person_merges", ["kept_id"], unique=False)
    op.create_index(op.f("ix_person_merges_merged_id"), "person_merges", ["merged_id"], unique=False)
    op.create_table(
        "picture_keys",
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("set_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_picture_keys_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_picture_keys_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "person_id", name=op.f("pk_picture_keys")),
    )
    op.create_table(
        "assignments",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", types.Key(), nullable=True),
        sa.Column("withdrawn_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_assignments_item_id")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_assignments_made_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_assignments_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("ref", name=op.f("uq_assignments_ref")),
    )
    op.create_index(
        "uq_assignments_standing",
        "assignments",
        ["unit_id", "item_id", "audience"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "declared_totals",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", types.Key(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_declared_totals_number")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["accounts.id"], name=op.f("fk_declared_totals_recorded_by")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_declared_totals_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_totals")),
    )
    op.create_index(
        "ix_declared_totals_unit_id_audience", "declared_totals", ["unit_id", "audience"], unique=False
    )
    op.create_table(
        "invitations",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("token_mac", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=True),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=True),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", types.Key(), nullable=True),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("used_by", types.Key(), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_invitations_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_invitations_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_invitations_unit_id")),
        sa.ForeignKeyConstraint(["used_by"], ["accounts.id"], name=op.f("fk_invitations_used_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("ref", name=op.f("uq_invitations_ref")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_invitations_token_mac")),
    )
    op.create_index(op.f("ix_invitations_unit_id"), "invitations", ["unit_id"], unique=False)
    op.create_table(
        "join_requests",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("own_name", sa.String(), nullable=False),
        sa.Column("child_name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("pupil_id", types.Key(), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", types.Key(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_join_requests_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_join_requests_person_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["persons.id"], name=op.f("fk_join_requests_pupil_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_join_requests_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
        sa.UniqueConstraint("ref", name=op.f("uq_join_requests_ref")),
    )
    op.create_index(op.f("ix_join_requests_person_id"), "join_requests", ["person_id"], unique=False)
    op.create_index("ix_join_requests_unit_id", "join_requests", ["unit_id"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("course_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", types.Key(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", types.Key(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_items.id"], name=op.f("fk_proposals_course_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_proposals_decided_by")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_proposals_made_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_proposals_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("ref", name=op.f("uq_proposals_ref")),
    )
    op.create_index(
        "uq_proposals_open",
        "proposals",
        ["unit_id", "course_id", "audience"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "roster_drafts",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("account_id", types.Key(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_roster_drafts_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_roster_drafts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_drafts")),
        sa.UniqueConstraint("ref", name=op.f("uq_roster_drafts_ref")),
    )
    op.create_index(op.f("ix_roster_drafts_expires_at"), "roster_drafts", ["expires_at"], unique=False)
    op.create_table(
        "slips",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("pupil_id", types.Key(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", types.Key(), nullable=True),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("household_id", types.Key(), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_slips_household_id")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_slips_made_by")),
        sa.ForeignKeyConstraint(["pupil_id"], ["persons.id"], name=op.f("fk_slips_pupil_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_slips_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_slips_code_mac")),
    )
    op.create_index("ix_slips_unit_id_pupil_id", "slips", ["unit_id", "pupil_id"], unique=False)
    op.create_table(
        "staff_acts",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", types.Key(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_staff_acts_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_staff_acts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_acts")),
    )
    op.create_index("ix_staff_acts_unit_id_at", "staff_acts", ["unit_id", "at"], unique=False)
    op.create_index("ix_staff_acts_at", "staff_acts", ["at"], unique=False)
    op.create_table(
        "proposal_lines",
        sa.Column("proposal_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("certificate_id", types.Key(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_proposal_lines_certificate_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proposal_lines_person_id")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_lines_proposal_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_lines")),
    )
    op.create_index(op.f("ix_proposal_lines_person_id"), "proposal_lines", ["person_id"], unique=False)
    op.add_column("units", sa.Column("ref", sa.String(), server_default="", nullable=False))
    _name_units()
    op.create_index("uq_units_ref", "units", ["ref"], unique=True)
    op.add_column("memberships", sa.Column("born_on", sa.Date(), nullable=True))
    op.add_column("memberships", sa.Column("linked_at", types.UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "uq_memberships_standing",
        "memberships",
        ["unit_id", "person_id", "audience"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    learner = sa.ForeignKey("learners.id", name="fk_browser_sessions_partner_id")
    partner = sa.Column("partner_id", types.Key(), learner, nullable=True)
    op.add_column("browser_sessions", partner, inline_references=True)
    op.add_column("browser_sessions", sa.Column("agent", sa.String(), nullable=True))
    for table, columns in EVENTS.items():
        guard(table, *columns)


def _name_units() -> None:
    units = sa.table("units", sa.column("id", types.Key()), sa.column("ref"))
    connection = op.get_bind()
    for unit in connection.execute(sa.select(units.c.id)).all():
        named = sa.update(units).where(units.c.id == unit.id).values(ref=secrets.token_hex(6))
        connection.execute(named)


def downgrade() -> None:
    """Step back."""
    for table in EVENTS:
        op.drop_table(table)
    with op.batch_alter_table("browser_sessions") as sessions:
        sessions.drop_column("agent")
        sessions.drop_column("partner_id")
    op.drop_index("uq_memberships_standing", table_name="memberships")
    op.drop_column("memberships", "linked_at")
    op.drop_column("memberships", "born_on")
    op.drop_index("uq_units_ref", table_name="units")
    op.drop_column("units", "ref")
    for table in (
        "proposal_lines",
        "proposals",
        "slips",
        "roster_drafts",
        "join_requests",
        "invitations",
        "assignments",
        "picture_keys",
        "classrooms",
        "school_years",
    ):
        op.drop_table(table)
