"""Questions of every kind from the author's files to the catalogue, and what a sync says of their keys."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import clock, content
from lms.catalog.actions import SyncReport, sync
from lms.catalog.catalogue import Catalogue, Question
from lms.catalog.models import CatalogItem, ContentFile, QuestionEdition
from lms.catalog.offer import Offer, prepare
from lms.catalog.queries import load, question_edition
from lms.cli.sync import _sentence
from lms.content.library import KINDS
from lms.quizzes.regrading import case_of
from tests.kinds import BANK, MODULE, library_of_kinds

HEAD = "draw: 5\npass: 70\ntries: 3\nwait: 10\ncounts: latest\n"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of kinds; not to be changed."""
    return library_of_kinds(tmp_path_factory.mktemp("kinds"), HEAD)


@pytest.fixture(scope="module")
def first_offer(kinds: Path) -> Offer:
    return prepare(content.load(kinds), kinds)


@pytest.fixture
def catalogue(db: Session, first_offer: Offer) -> Catalogue:
    """The catalogue after the library of kinds has replaced the sample."""
    sync(db, first_offer, clock.now(), retire=db.scalars(select(CatalogItem.id)).all())
    return load(db)


def _of_kind(catalogue: Catalogue) -> dict[str, Question]:
    return {question.kind: question for question in catalogue.modules[MODULE].bank}


def test_the_bank_keeps_every_kind_with_all_that_pages_and_marking_ask(catalogue: Catalogue) -> None:
    of_kind = _of_kind(catalogue)
    assert list(of_kind) == list(KINDS)
    text, number, matching = of_kind["text"], of_kind["number"], of_kind["matching"]
    assert (text.names, text.plain_letters, len(text.hints)) == (("OTP",), True, 2)
    assert [line.text for line in text.lines] == ["mã OTP", "OTP", "mật khẩu"]
    first = number.lines[0]
    assert (first.text, first.mark, first.html) == ("1500000", "1500000", "1.500.000")
    assert (number.unit, number.tolerance) == ("đồng", "0")
    assert [line.mark for line in of_kind["ordering"].lines] == ["3", "1", "4", "2"]
    assert [(line.pair, line.pair_html) for line in matching.lines][-1] == ("Hỏi thăm", "Hỏi thăm")
    assert [(c.key, c.html) for c in of_kind["matrix"].columns] == [("n", "Nên làm"), ("k", "Không nên")]
    assert (of_kind["spot"].sender, of_kind["spot"].credit) == ("Số lạ", "penalised")
    assert [line.mark for line in of_kind["open"].lines] == ["2", "1", "1"]
    assert of_kind["true-false"].near == "hoi-ma-otp"


def test_a_picture_is_shown_with_its_size_from_where_it_is_served(db: Session, catalogue: Catalogue) -> None:
    picture = _of_kind(catalogue)["text"].picture
    folder, name = db.execute(select(ContentFile.folder, ContentFile.name)).one()
    assert f'src="/tep/{folder}/{name}"' in picture
    assert 'width="160"' in picture
    assert 'alt="Tin nhắn trên điện thoại' in picture


def test_the_check_of_a_module_is_held_as_its_author_says(catalogue: Catalogue) -> None:
    module = catalogue.modules[MODULE]
    assert (module.draw, module.pass_percent) == (5, 70)
    assert (module.tries, module.wait, module.counts) == (3, 10, "latest")


def test_a_check_that_says_nothing_of_tries_has_no_limit(db: Session, offer: Offer) -> None:
    module = load(db).modules["man-hinh"]
    assert (module.tries, module.wait, module.counts) == (0, 0, "best")
    details = next(item.details for item in offer.items if item.kind == "check")
    assert set(details) == {"draw", "pass_percent"}


def test_an_edition_from_before_there_were_kinds_is_a_single_question(db: Session) -> None:
    item = db.scalars(select(CatalogItem).where(CatalogItem.id == "mh-chu-nho")).one()
    row = db.scalars(select(QuestionEdition).where(QuestionEdition.id == item.edition_id)).one()
    kept = ("html", "text", "explanation")
    choice = ("key", "html", "feedback", "is_right", "is_unsure")
    before = {key: row.rendered[key] for key in kept}
    before["choices"] = [{key: c[key] for key in choice} for c in row.rendered["choices"]]
    db.execute(update(QuestionEdition).where(QuestionEdition.id == row.id).values(rendered=before))
    db.expire_all()
    question = question_edition(db, row.id)
    assert question is not None
    assert (question.kind, question.credit, question.hints, question.picture) == ("single", "exact", (), "")
    assert [line.is_right for line in question.lines] == [False, True, False]


def _changed(kinds: Path, folder: Path, change: Callable[[str], str]) -> Offer:
    root = shutil.copytree(kinds, folder / "changed")
    path = root / BANK
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return prepare(content.load(root), root)


def _sync(db: Session, offer: Offer) -> SyncReport:
    return sync(db, offer, clock.now())


def test_a_question_whose_key_changed_is_named_once_with_what_to_do(
    db: Session, catalogue: Catalogue, kinds: Path, tmp_path: Path
) -> None:
    changed = _changed(kinds, tmp_path, lambda text: text.replace("- [k] c) Bấm", "- [n] c) Bấm"))
    report = _sync(db, changed)
    assert report.rekeyed == ["gl-nen-khong"]
    assert (
        "Đáp án câu “gl-nen-khong” đã đổi. Điểm cũ chưa đổi theo. Xem trước bằng: lms regrade gl-nen-khong"
    ) in _sentence(report)
    assert _sync(db, changed).rekeyed == []


def test_other_words_and_another_order_of_lines_name_nothing(
    db: Session, catalogue: Catalogue, kinds: Path, tmp_path: Path
) -> None:
    third, fourth = (
        "- [4] c) Kể cho hàng xóm biết để tránh\n",
        "- [2] d) Gọi số in sau thẻ, xin khóa tài khoản\n",
    )

    def change(text: str) -> str:
        return text.replace("=> Bắt vội", "=> Giục").replace(third + fourth, fourth + third)

    report = _sync(db, _changed(kinds, tmp_path, change))
    assert report.changed == ["gl-thu-tu", "gl-dau-hieu"]
    assert report.rekeyed == []
    assert "Đáp án" not in _sentence(report)


@pytest.mark.parametrize(
    ("question", "before", "after", "is_rekeyed"),
    [
        ("gl-nen-khong", "- [k] c) Bấm", "- [n] c) Bấm", True),
        ("gl-ten-ma", "- [ ] c) mật khẩu\n", "- [ ] c) mật khẩu\n      Chưa đúng.\n- [ ] h) số thẻ\n", False),
        ("gl-ten-ma", "- [x] b) OTP", "- [x] b) OTP\n      Đúng.\n- [x] h) mã xác thực", True),
        ("gl-mat-khau", "- [ ] d) Dùng", "- [ ] h) Ghi lên bìa sổ\n      Ai cũng đọc.\n- [ ] d) Dùng", True),
    ],
)
def test_a_sync_names_a_question_exactly_when_a_regrade_has_something_to_judge(
    db: Session,
    catalogue: Catalogue,
    kinds: Path,
    tmp_path: Path,
    question: str,
    before: str,
    after: str,
    is_rekeyed: bool,
) -> None:
    report = _sync(db, _changed(kinds, tmp_path, lambda text: text.replace(before, after)))
    assert question in report.changed
    assert report.rekeyed == ([question] if is_rekeyed else [])
    assert case_of(db, question).is_needed is is_rekeyed


def test_a_group_of_near_questions_is_that_of_today_without_a_new_edition(
    db: Session, catalogue: Catalogue, kinds: Path, tmp_path: Path
) -> None:
    before = _of_kind(catalogue)["true-false"]
    _sync(db, _changed(kinds, tmp_path, lambda text: text.replace("near: hoi-ma-otp", "near: nhom-khac")))
    after = _of_kind(load(db))["true-false"]
    assert (after.near, after.edition_id) == ("nhom-khac", before.edition_id)


def test_the_picture_of_an_older_edition_is_kept_as_long_as_the_edition(
    db: Session, catalogue: Catalogue, kinds: Path, tmp_path: Path
) -> None:
    old = _of_kind(catalogue)["text"]
    root = shutil.copytree(kinds, tmp_path / "changed")
    drawing = next(root.rglob("*.svg"))
    drawing.write_text(drawing.read_text(encoding="utf-8").replace("#0B5E57", "#17202A"), encoding="utf-8")
    bank = root / BANK
    bank.write_text(
        bank.read_text(encoding="utf-8").replace("như trong hình.", "như hình vẽ."), encoding="utf-8"
    )
    _sync(db, prepare(content.load(root), root))
    shown = question_edition(db, old.edition_id)
    assert shown is not None
    folders = set(db.scalars(select(ContentFile.folder)))
    assert len(folders) == 2
    assert all(
        any(f"/tep/{folder}/" in q.picture for q in (shown, _of_kind(load(db))["text"])) for folder in folders
    )
    assert _sync(db, prepare(content.load(root), root)).is_unchanged


def test_what_is_typed_is_shown_letter_for_letter(kinds: Path, tmp_path: Path) -> None:
    changed = _changed(
        kinds, tmp_path, lambda text: text.replace("- [ ] c) mật khẩu", "- [ ] c) *1_2_3* & <b")
    )
    rendered = next(e.rendered for e in changed.questions if e.item_id == "gl-ten-ma")
    assert rendered is not None
    assert rendered["choices"][2]["html"] == "*1_2_3* &amp; &lt;b"
