"""The first schema."""

import sqlalchemy as sa
from alembic import op

from lms import db as types
from lms.migrations.guards import drop_refusal, guard, make_refusal

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EVENTS = {
    "attempts": (),
    "answers": (),
    "certificate_revocations": (),
    "certificates": (),
    "claims": ("id", "learner_id", "person_id", "at", "by"),
    "consents": (),
    "course_editions": (),
    "hand_ins": (),
    "item_completions": (),
    "learners": (),
    "lesson_editions": (),
    "paper_questions": (),
    "question_editions": ("id", "item_id", "language", "audience", "text", "first_at"),
}


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "catalog_items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=True),
        sa.Column("retired_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["catalog_items.id"], name=op.f("fk_catalog_items_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_items")),
    )
    op.create_index(op.f("ix_catalog_items_parent_id"), "catalog_items", ["parent_id"], unique=False)
    op.create_table(
        "catalog_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("synced_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalog_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_state")),
    )
    op.create_table(
        "content_files",
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("folder", "name", name=op.f("pk_content_files")),
    )
    op.create_table(
        "households",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("code_set_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_households_code_mac")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("leased_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("name", "due", name=op.f("uq_jobs_name_due")),
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"], unique=False)
    op.create_table(
        "learners",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("device_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learners")),
        sa.UniqueConstraint("device_key", name=op.f("uq_learners_device_key")),
    )
    op.create_table(
        "persons",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("erased_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_search_text"), "persons", ["search_text"], unique=False)
    op.create_table(
        "skills",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("frameworks", sa.JSON(), nullable=False),
        sa.Column("retired_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "units",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", types.Key(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("path", name=op.f("uq_units_path")),
    )
    op.create_index(op.f("ix_units_parent_id"), "units", ["parent_id"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=True),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("learner_id", types.Key(), nullable=False),
        sa.Column("module_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("pass_percent", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("witness_id", types.Key(), nullable=True),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name=op.f("ck_attempts_level")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_attempts_learner_id")),
        sa.ForeignKeyConstraint(["module_id"], ["catalog_items.id"], name=op.f("fk_attempts_module_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["persons.id"], name=op.f("fk_attempts_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("code", name=op.f("uq_attempts_code")),
        sa.UniqueConstraint(
            "learner_id", "module_id", "number", name=op.f("uq_attempts_learner_id_module_id_number")
        ),
    )
    op.create_index(op.f("ix_attempts_module_id"), "attempts", ["module_id"], unique=False)
    op.create_table(
        "certificates",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("course_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("course_edition", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("succession", sa.Integer(), nullable=False),
        sa.Column("replaces", types.Key(), nullable=True),
        sa.Column("register_number", sa.String(), nullable=True),
        sa.Column("unit_id", types.Key(), nullable=True),
        sa.Column("design", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("issued_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_certificates_level")),
        sa.ForeignKeyConstraint(["course_id"], ["catalog_items.id"], name=op.f("fk_certificates_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_certificates_person_id")),
        sa.ForeignKeyConstraint(["replaces"], ["certificates.id"], name=op.f("fk_certificates_replaces")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_certificates_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("code", name=op.f("uq_certificates_code")),
        sa.UniqueConstraint(
            "person_id",
            "course_id",
            "audience",
            "course_edition",
            "kind",
            "succession",
            name=op.f("uq_certificates_person_id_course_id_audience_course_edition_kind_succession"),
        ),
        sa.UniqueConstraint("register_number", name=op.f("uq_certificates_register_number")),
        sa.UniqueConstraint("replaces", name=op.f("uq_certificates_replaces")),
        sa.UniqueConstraint("sequence", name=op.f("uq_certificates_sequence")),
    )
    op.create_index(op.f("ix_certificates_person_id"), "certificates", ["person_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("learner_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("undone_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_claims_learner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_claims_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_person_id", "claims", ["person_id"], unique=False)
    op.create_index(
        "uq_claims_standing",
        "claims",
        ["learner_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "consents",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_person_id_purpose", "consents", ["person_id", "purpose"], unique=False)
    op.create_table(
        "course_editions",
        sa.Column("course_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("requires", sa.JSON(), nullable=False),
        sa.Column("first_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["catalog_items.id"], name=op.f("fk_course_editions_course_id")
        ),
        sa.PrimaryKeyConstraint("course_id", "number", name=op.f("pk_course_editions")),
    )
    op.create_table(
        "former_slugs",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("course_id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_former_slugs_item_id")),
        sa.PrimaryKeyConstraint("kind", "course_id", "slug", name=op.f("pk_former_slugs")),
    )
    op.create_table(
        "household_members",
        sa.Column("household_id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_household_members_household_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_household_members_person_id")),
        sa.PrimaryKeyConstraint("household_id", "person_id", name=op.f("pk_household_members")),
        sa.UniqueConstraint("household_id", "ref", name=op.f("uq_household_members_household_id_ref")),
    )
    op.create_index(op.f("ix_household_members_person_id"), "household_members", ["person_id"], unique=False)
    op.create_table(
        "lesson_editions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("first_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_lesson_editions_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_editions")),
    )
    op.create_index(op.f("ix_lesson_editions_item_id"), "lesson_editions", ["item_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("person_id", types.Key(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("sector_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_memberships_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_memberships_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_person_id"), "memberships", ["person_id"], unique=False)
    op.create_index("ix_memberships_unit_id_audience", "memberships", ["unit_id", "audience"], unique=False)
    op.create_table(
        "question_editions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("rendered", sa.JSON(), nullable=False),
        sa.Column("first_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_question_editions_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_editions")),
    )
    op.create_index(op.f("ix_question_editions_item_id"), "question_editions", ["item_id"], unique=False)
    op.create_table(
        "rendered_parts",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("audio", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_rendered_parts_item_id")),
        sa.PrimaryKeyConstraint("item_id", "part", "variant", name=op.f("pk_rendered_parts")),
    )
    op.create_table(
        "unit_descriptions",
        sa.Column("unit_id", types.Key(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("official_code", sa.String(), nullable=True),
        sa.Column("governing_body", sa.String(), nullable=True),
        sa.Column("recorded_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_descriptions_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "valid_from", name=op.f("pk_unit_descriptions")),
    )
    op.create_table(
        "answers",
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_answers_attempt_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["question_editions.id"], name=op.f("fk_answers_edition_id")),
        sa.ForeignKeyConstraint(["question_id"], ["catalog_items.id"], name=op.f("fk_answers_question_id")),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_edition_id", "answers", ["edition_id"], unique=False)
    op.create_table(
        "browser_sessions",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("token_mac", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("learner_id", types.Key(), nullable=True),
        sa.Column("household_id", types.Key(), nullable=True),
        sa.Column("set_aside_id", types.Key(), nullable=True),
        sa.Column("account_id", types.Key(), nullable=True),
        sa.Column("account_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_browser_sessions_account_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_browser_sessions_household_id")
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_browser_sessions_learner_id")),
        sa.ForeignKeyConstraint(["set_aside_id"], ["learners.id"], name=op.f("fk_browser_sessions_set_aside_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_browser_sessions_token_mac")),
    )
    op.create_index(
        "ix_browser_sessions_account_id",
        "browser_sessions",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_browser_sessions_expires_at"), "browser_sessions", ["expires_at"], unique=False)
    op.create_table(
        "certificate_revocations",
        sa.Column("certificate_id", types.Key(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_revocations_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_revocations")),
    )
    op.create_table(
        "guardianships",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("guardian_id", types.Key(), nullable=False),
        sa.Column("pupil_id", types.Key(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("consent_id", types.Key(), nullable=True),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_guardianships_consent_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["persons.id"], name=op.f("fk_guardianships_guardian_id")),
        sa.ForeignKeyConstraint(["pupil_id"], ["persons.id"], name=op.f("fk_guardianships_pupil_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianships")),
        sa.UniqueConstraint(
            "guardian_id",
            "pupil_id",
            "valid_from",
            name=op.f("uq_guardianships_guardian_id_pupil_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_guardianships_guardian_id"), "guardianships", ["guardian_id"], unique=False)
    op.create_index(op.f("ix_guardianships_pupil_id"), "guardianships", ["pupil_id"], unique=False)
    op.create_table(
        "hand_ins",
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_hand_ins_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_hand_ins")),
    )
    op.create_table(
        "item_completions",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("learner_id", types.Key(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=True),
        sa.Column("attempt_id", types.Key(), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("witness_id", types.Key(), nullable=True),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name=op.f("ck_item_completions_level")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_item_completions_attempt_id")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["lesson_editions.id"], name=op.f("fk_item_completions_edition_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["catalog_items.id"], name=op.f("fk_item_completions_item_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_item_completions_learner_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["persons.id"], name=op.f("fk_item_completions_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_completions")),
        sa.UniqueConstraint(
            "learner_id", "item_id", "level", name=op.f("uq_item_completions_learner_id_item_id_level")
        ),
    )
    op.create_index("ix_item_completions_item_id_at", "item_completions", ["item_id", "at"], unique=False)
    op.create_table(
        "paper_questions",
        sa.Column("attempt_id", types.Key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("choice_order", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_paper_questions_attempt_id")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["question_editions.id"], name=op.f("fk_paper_questions_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["catalog_items.id"], name=op.f("fk_paper_questions_question_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_paper_questions")),
        sa.UniqueConstraint(
            "attempt_id", "question_id", name=op.f("uq_paper_questions_attempt_id_question_id")
        ),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", types.Key(), nullable=False),
        sa.Column("account_id", types.Key(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit_id", types.Key(), nullable=True),
        sa.Column("granted_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_role_grants_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_role_grants_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index("ix_role_grants_account_id", "role_grants", ["account_id"], unique=False)
    make_refusal()
    for table, columns in EVENTS.items():
        guard(table, *columns)


def downgrade() -> None:
    """Step back."""
    drop_refusal()
    op.drop_index("ix_role_grants_account_id", table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_table("paper_questions")
    op.drop_index("ix_item_completions_item_id_at", table_name="item_completions")
    op.drop_table("item_completions")
    op.drop_table("hand_ins")
    op.drop_index(op.f("ix_guardianships_pupil_id"), table_name="guardianships")
    op.drop_index(op.f("ix_guardianships_guardian_id"), table_name="guardianships")
    op.drop_table("guardianships")
    op.drop_table("certificate_revocations")
    op.drop_index(op.f("ix_browser_sessions_expires_at"), table_name="browser_sessions")
    op.drop_index(
        "ix_browser_sessions_account_id",
        table_name="browser_sessions",
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.drop_table("browser_sessions")
    op.drop_index("ix_answers_edition_id", table_name="answers")
    op.drop_table("answers")
    op.drop_table("unit_descriptions")
    op.drop_table("rendered_parts")
    op.drop_index(op.f("ix_question_editions_item_id"), table_name="question_editions")
    op.drop_table("question_editions")
    op.drop_index("ix_memberships_unit_id_audience", table_name="memberships")
    op.drop_index(op.f("ix_memberships_person_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(op.f("ix_lesson_editions_item_id"), table_name="lesson_editions")
    op.drop_table("lesson_editions")
    op.drop_index(op.f("ix_household_members_person_id"), table_name="household_members")
    op.drop_table("household_members")
    op.drop_table("former_slugs")
    op.drop_table("course_editions")
    op.drop_index("ix_consents_person_id_purpose", table_name="consents")
    op.drop_table("consents")
    op.drop_index(
        "uq_claims_standing",
        table_name="claims",
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_index("ix_claims_person_id", table_name="claims")
    op.drop_table("claims")
    op.drop_index(op.f("ix_certificates_person_id"), table_name="certificates")
    op.drop_table("certificates")
    op.drop_index(op.f("ix_attempts_module_id"), table_name="attempts")
    op.drop_table("attempts")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_units_parent_id"), table_name="units")
    op.drop_table("units")
    op.drop_table("throttles")
    op.drop_table("skills")
    op.drop_index(op.f("ix_persons_search_text"), table_name="persons")
    op.drop_table("persons")
    op.drop_table("learners")
    op.drop_index(op.f("ix_jobs_state"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("content_files")
    op.drop_table("households")
    op.drop_table("catalog_state")
    op.drop_index(op.f("ix_catalog_items_parent_id"), table_name="catalog_items")
    op.drop_table("catalog_items")
