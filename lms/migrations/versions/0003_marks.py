"""Kinds of questions, sittings, regrades, item statistics, printed tests."""

import sqlalchemy as sa
from alembic import op

from lms import db as types
from lms.migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EVENTS = {
    "printed_results": (),
    "rubric_marks": (),
    "mark_changes": (),
    "regrade_editions": (),
    "regrades": (),
    "answer_changes": (),
}


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "item_statistics",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("counted_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_item_statistics_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_statistics")),
    )
    op.create_table(
        "printed_tests",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("module_id", sa.String(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", types.Key(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_printed_tests_made_by")),
        sa.ForeignKeyConstraint(["module_id"], ["catalog_items.id"], name=op.f("fk_printed_tests_module_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_printed_tests_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_tests")),
        sa.UniqueConstraint("ref", name=op.f("uq_printed_tests_ref")),
    )
    op.create_index(op.f("ix_printed_tests_unit_id"), "printed_tests", ["unit_id"], unique=False)
    op.create_table(
        "regrades",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("to_edition_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("account_id", types.Key(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_regrades_account_id")),
        sa.ForeignKeyConstraint(["question_id"], ["catalog_items.id"], name=op.f("fk_regrades_question_id")),
        sa.ForeignKeyConstraint(
            ["to_edition_id"], ["question_editions.id"], name=op.f("fk_regrades_to_edition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
        sa.UniqueConstraint("ref", name=op.f("uq_regrades_ref")),
    )
    op.create_index(op.f("ix_regrades_question_id"), "regrades", ["question_id"], unique=False)
    op.create_table(
        "sittings",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("module_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", types.Key(), nullable=False),
        sa.Column("witness_id", types.Key(), nullable=False),
        sa.Column("closes_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["module_id"], ["catalog_items.id"], name=op.f("fk_sittings_module_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_sittings_opened_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_sittings_unit_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["persons.id"], name=op.f("fk_sittings_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint("code", name=op.f("uq_sittings_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_sittings_ref")),
    )
    op.create_index(op.f("ix_sittings_unit_id"), "sittings", ["unit_id"], unique=False)
    op.create_table(
        "extra_minutes",
        sa.Column("sitting_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_extra_minutes_person_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_extra_minutes_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "person_id", name=op.f("pk_extra_minutes")),
    )
    op.create_table(
        "regrade_editions",
        sa.Column("regrade_id", types.Key(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["question_editions.id"], name=op.f("fk_regrade_editions_edition_id")
        ),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrades.id"], name=op.f("fk_regrade_editions_regrade_id")),
        sa.PrimaryKeyConstraint("regrade_id", "edition_id", name=op.f("pk_regrade_editions")),
    )
    op.create_table(
        "typed_sheets",
        sa.Column("test_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("letters", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint("entry IN (1, 2)", name=op.f("ck_typed_sheets_entry")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_typed_sheets_person_id")),
        sa.ForeignKeyConstraint(["test_id"], ["printed_tests.id"], name=op.f("fk_typed_sheets_test_id")),
        sa.PrimaryKeyConstraint("test_id", "person_id", "entry", name=op.f("pk_typed_sheets")),
    )
    op.create_table(
        "answer_changes",
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_answer_changes_attempt_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["catalog_items.id"], name=op.f("fk_answer_changes_question_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", "revision", name=op.f("pk_answer_changes")),
    )
    op.create_table(
        "answer_texts",
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_answer_texts_attempt_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["catalog_items.id"], name=op.f("fk_answer_texts_question_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", "revision", name=op.f("pk_answer_texts")),
    )
    op.create_table(
        "mark_changes",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("regrade_id", types.Key(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("was_points", sa.Integer(), nullable=False),
        sa.Column("was_out_of", sa.Integer(), nullable=False),
        sa.Column("was_scale", sa.Integer(), nullable=False),
        sa.Column("was_passed", sa.Boolean(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_mark_changes_attempt_id")),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrades.id"], name=op.f("fk_mark_changes_regrade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_changes")),
        sa.UniqueConstraint("attempt_id", "regrade_id", name=op.f("uq_mark_changes_attempt_id_regrade_id")),
    )
    op.create_index(op.f("ix_mark_changes_attempt_id"), "mark_changes", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_mark_changes_regrade_id"), "mark_changes", ["regrade_id"], unique=False)
    op.create_table(
        "printed_results",
        sa.Column("test_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_printed_results_attempt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_printed_results_person_id")),
        sa.ForeignKeyConstraint(["test_id"], ["printed_tests.id"], name=op.f("fk_printed_results_test_id")),
        sa.PrimaryKeyConstraint("test_id", "person_id", name=op.f("pk_printed_results")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_printed_results_attempt_id")),
    )
    op.create_table(
        "rubric_marks",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("points", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("account_id", types.Key(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_rubric_marks_account_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_rubric_marks_attempt_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["catalog_items.id"], name=op.f("fk_rubric_marks_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_marks")),
    )
    op.create_index(
        "ix_rubric_marks_attempt_id_question_id", "rubric_marks", ["attempt_id", "question_id"], unique=False
    )
    sitting = sa.ForeignKey("sittings.id", name="fk_attempts_sitting_id")
    op.add_column(
        "attempts", sa.Column("sitting_id", types.Key(), sitting, nullable=True), inline_references=True
    )
    op.add_column("attempts", sa.Column("closes_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("form", sa.String(), nullable=True))
    op.create_index("ix_attempts_sitting_id", "attempts", ["sitting_id"], unique=False)
    op.add_column("hand_ins", sa.Column("scale", sa.Integer(), server_default="1", nullable=False))
    for table, columns in EVENTS.items():
        guard(table, *columns)


def downgrade() -> None:
    """Step back."""
    for table in EVENTS:
        op.drop_table(table)
    with op.batch_alter_table("hand_ins") as hand_ins:
        hand_ins.drop_column("scale")
    op.drop_index("ix_attempts_sitting_id", table_name="attempts")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("form")
        attempts.drop_column("closes_at")
        attempts.drop_column("sitting_id")
    for table in (
        "answer_texts",
        "typed_sheets",
        "printed_tests",
        "extra_minutes",
        "sittings",
        "item_statistics",
    ):
        op.drop_table(table)
