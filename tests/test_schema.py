"""The schema: it steps up and down, equals the models, and refuses what must never happen."""

import importlib.util
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import lms.tables  # noqa: F401  (every table must be known)
from lms import clock, migrations
from lms.accounts.acts import note_act
from lms.catalog.queries import load
from lms.certificates.actions import revoke_certificate
from lms.certificates.models import Certificate
from lms.db import PRAGMAS, Base, Database, ScopedSession, new_id
from lms.people.actions import add_person, record_consent
from lms.people.memberships import join_unit
from lms.people.merging import merge_person
from lms.people.models import Claim, Learner, PersonMerge
from lms.places.actions import open_unit
from lms.quizzes.models import Attempt
from lms.reports.models import DeclaredTotal
from tests.cast import gather
from tests.conftest import SERVER, made_database
from tests.marks import let_a_class_be_examined, let_marks_happen
from tests.story import known, learn_course

STEPS = Path(migrations.__file__).parent / "versions"


def _events() -> dict[str, tuple[str, ...]]:
    """Return the guarded tables with their guarded columns, from every migration step."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(STEPS.glob("0*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= getattr(module, "EVENTS", {})
    return found


EVENTS = _events()


@contextmanager
def empty_database(folder: Path) -> Iterator[Database]:
    """Give a new database without any table."""
    if SERVER:
        with made_database() as url:
            database = Database(url)
            yield database
            database.close()
        return
    database = Database(f"sqlite:///{folder / 'new.db'}")
    yield database
    database.close()


def differences(database: Database) -> list[Any]:
    """Return how the tables of a database differ from the models."""
    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_schema_steps_up_down_and_up_again_and_equals_the_models(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        assert not migrations.is_current(database)
        before, after = migrations.upgrade(database)
        assert (before, after) == (None, migrations.head())
        assert differences(database) == []
        migrations.downgrade(database, "base")
        with database.reader.connect() as connection:
            assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
        migrations.upgrade(database)
        assert differences(database) == []
        assert migrations.is_current(database)


def test_upgrading_a_second_time_changes_nothing(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        migrations.upgrade(database)
        assert migrations.upgrade(database) == (migrations.head(), migrations.head())


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        migrations.upgrade(database)
        with database.writer.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(migrations.NewerDatabase, match="mới hơn phần mềm"):
            migrations.upgrade(database)


def test_migration_steps_are_numbered_without_gaps() -> None:
    numbers = [int(path.stem[:4]) for path in sorted(STEPS.glob("*.py"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.fixture
def eventful(db: ScopedSession) -> ScopedSession:
    """Give a database in which every kind of event has happened."""
    catalogue = load(db)
    doer = known(db, "Nguyễn Thị Lan")
    certificate = learn_course(db, doer, catalogue)
    assert certificate is not None
    assert doer.person_id is not None
    now = clock.now()
    record_consent(db, doer.person_id, "show_name", True, "Cho hiện tên", "learner", now)
    revoke_certificate(db, certificate.code, reason="Nhầm tên", by="quan-tri", now=now)
    _let_a_school_happen(db, doer.person_id, now)
    let_marks_happen(db, doer.learner_id, now)
    cast, attempt = gather(db), db.scalars(sa.select(Attempt).limit(1)).one()
    module = catalogue.courses[0].modules[0]
    let_a_class_be_examined(db, cast.class_4a.id, module.id, cast.lan.id, doer.person_id, attempt.id, now)
    return db


def _let_a_school_happen(db: ScopedSession, known_before: uuid.UUID, now: datetime) -> None:
    today = clock.local_date(now)
    school = open_unit(db, "school", "Trường Thử", type="TH", opened_on=today, now=now)
    of_record = add_person(db, "Nguyễn Thị Lan", now)
    join_unit(db, of_record.id, school.id, "teacher", of_record.full_name, today)
    merge_person(db, known_before, of_record.id, "learner", now)
    note_act(db, "declare", "khai tổng số", by="quan-tri", now=now, unit_id=school.id)
    db.add(
        DeclaredTotal(
            id=new_id(),
            unit_id=school.id,
            audience="student",
            number=90,
            counted_on=today,
            source="Sổ đăng bộ",
            recorded_at=now,
        )
    )
    db.flush()


def test_every_table_of_events_is_guarded() -> None:
    promised = {"attempts", "answers", "item_completions", "hand_ins", "claims", "consents", "certificates"}
    of_classes = {"declared_totals", "person_merges", "staff_acts"}
    of_marks = {"answer_changes", "mark_changes", "regrades", "regrade_editions", "rubric_marks"}
    assert promised | of_classes | of_marks | {"printed_results"} <= EVENTS.keys()
    assert EVENTS.keys() <= Base.metadata.tables.keys()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_database_refuses_to_edit_or_delete_an_event(eventful: ScopedSession, name: str) -> None:
    table = Base.metadata.tables[name]
    connection = eventful.connection()
    assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() > 0
    for column in EVENTS[name] or table.columns.keys():
        edit = table.update().values({column: table.c[column]})
        with pytest.raises(sa.exc.DBAPIError, match="appended, never edited"), connection.begin_nested():
            connection.execute(edit)
    with pytest.raises(sa.exc.DBAPIError, match="appended, never edited"), connection.begin_nested():
        connection.execute(table.delete())


def test_only_what_is_named_may_change_in_a_guarded_table(eventful: ScopedSession) -> None:
    open_columns = {
        name: set(Base.metadata.tables[name].columns.keys()) - set(columns)
        for name, columns in EVENTS.items()
        if columns
    }
    assert open_columns == {
        "claims": {"undone_at"},
        "person_merges": {"undone_at"},
        "question_editions": {"rendered"},
    }
    for model in (Claim, PersonMerge):
        change = sa.update(model).values(undone_at=clock.now())
        assert eventful.connection().execute(change).rowcount > 0, model


def test_a_row_that_points_nowhere_is_refused(db: ScopedSession) -> None:
    stray = sa.insert(Claim).values(
        id=new_id(), learner_id=new_id(), person_id=new_id(), at=clock.now(), by="nobody"
    )
    with pytest.raises(sa.exc.IntegrityError), db.begin_nested():
        db.execute(stray)


def test_a_moment_without_a_zone_is_refused(db: ScopedSession) -> None:
    naive = sa.insert(Learner).values(id=new_id(), made_at=datetime(2026, 9, 5, 7, 30))
    with pytest.raises(sa.exc.StatementError, match="naive moment"):
        db.execute(naive)


def test_a_moment_comes_back_in_utc_to_the_microsecond(db: ScopedSession) -> None:
    key = new_id()
    moment = datetime(2026, 9, 5, 7, 30, 1, 234567, tzinfo=timezone(timedelta(hours=7)))
    db.execute(sa.insert(Learner).values(id=key, made_at=moment))
    back = db.scalars(sa.select(Learner.made_at).where(Learner.id == key)).one()
    assert back == moment
    assert back.tzinfo == UTC


def test_a_key_takes_sixteen_bytes_and_comes_back_as_it_went(db: ScopedSession) -> None:
    key = new_id()
    db.execute(sa.insert(Learner).values(id=key, made_at=clock.now()))
    assert db.scalars(sa.select(Learner.id).where(Learner.id == key)).one() == key
    if db.connection().dialect.name == "sqlite":
        kinds = db.execute(sa.text("SELECT DISTINCT typeof(id), length(id) FROM learners")).all()
        assert kinds == [("blob", 16)]


def test_keys_are_of_version_seven_and_grow_with_time() -> None:
    keys = [new_id() for _ in range(200)]
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {uuid.RFC_4122}
    assert len(set(keys)) == 200
    milliseconds = [key.int >> 80 for key in keys]
    assert milliseconds == sorted(milliseconds)


def test_a_level_outside_nought_to_three_is_refused(db: ScopedSession) -> None:
    certificate = learn_course(db, known(db, "Đỗ Văn Sáu"), load(db))
    assert certificate is not None
    row = {c.key: getattr(certificate, c.key) for c in Certificate.__table__.columns}
    fresh = {"id": new_id(), "code": "1", "sequence": 999, "succession": 7, "level": 4}
    with pytest.raises(sa.exc.IntegrityError, match="level"), db.begin_nested():
        db.execute(sa.insert(Certificate).values(**row | fresh))


def test_every_connection_stands_under_the_promised_settings(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        for engine in (database.writer, database.reader):
            with engine.connect() as connection:
                if not database.is_sqlite:
                    assert connection.execute(sa.text("SHOW timezone")).scalar_one() == "UTC"
                    continue
                for name, wanted in PRAGMAS.items():
                    found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                    assert found in {wanted, None} if name == "mmap_size" else found == wanted, name
    assert PRAGMAS["synchronous"] == 2
    assert PRAGMAS["journal_mode"] == "wal"
    assert PRAGMAS["foreign_keys"] == 1


def test_the_readers_door_cannot_write(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        migrations.upgrade(database)
        row = sa.insert(Learner).values(id=new_id(), made_at=clock.now())
        with database.reader.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="read"):
            connection.execute(row)
        with database.reading() as db, pytest.raises(sa.exc.DBAPIError, match="read"):
            db.execute(row)


def test_a_command_that_raises_keeps_nothing(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        migrations.upgrade(database)
        row = sa.insert(Learner).values(id=new_id(), made_at=clock.now())

        def broken() -> None:
            with database.transaction() as db:
                db.execute(row)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken()
        with database.reading() as db:
            assert db.scalars(sa.select(Learner.id)).all() == []
        with database.transaction() as db:
            db.execute(row)
        with database.reading() as db:
            assert len(db.scalars(sa.select(Learner.id)).all()) == 1


def test_writers_that_read_first_wait_their_turn_instead_of_failing(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database:
        migrations.upgrade(database)

        def write(times: int) -> None:
            for _ in range(times):
                with database.transaction() as db:
                    db.scalars(sa.select(Learner.id)).all()
                    db.execute(sa.insert(Learner).values(id=new_id(), made_at=clock.now()))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, [5] * 6))
        with database.reading() as db:
            assert len(db.scalars(sa.select(Learner.id)).all()) == 30


def test_a_date_stays_the_date_it_is_in_viet_nam() -> None:
    late = datetime(2026, 5, 31, 18, 0, tzinfo=UTC)
    assert clock.local_date(late) == date(2026, 6, 1)
