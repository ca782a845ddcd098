"""Reading heads, lessons and banks; editions of what was read."""

import json
import shutil
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content import ContentErrors, load
from lms.content.editions import canonical, edition_id
from lms.content.head import Entry, parse, print_document
from lms.content.problems import Problems
from lms.content.prose import blocks, sentences

SAMPLE = Path(__file__).parents[1] / "sample"
FILE = Path("courses/x/01-y/01-z.md")
KEYS = ("title", "id", "slug", "goal", "former-slugs")

values = (
    st.text(alphabet=st.characters(exclude_characters="\n\r", exclude_categories=("Cs",)), min_size=1)
    .map(str.strip)
    .filter(bool)
)
heads = st.lists(st.sampled_from(KEYS[1:]), unique=True).flatmap(
    lambda keys: st.tuples(*(st.tuples(st.just(key), values) for key in ("title", *keys)))
)
bodies = st.lists(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=("Cs",))))


@given(heads, bodies)
def test_a_printed_document_is_read_back_as_it_was(
    head: tuple[tuple[str, str], ...], body: list[str]
) -> None:
    problems = Problems()
    document = parse(FILE, print_document(head, [*body, ""]), KEYS, problems)
    assert list(problems) == []
    assert [(entry.key, entry.value) for entry in document.entries] == list(head)
    assert list(document.body) == [*body, ""]
    assert document.body_line == len(head) + 2


@given(st.text())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    document = parse(FILE, text, KEYS, Problems())
    assert len(document.body) <= text.count("\n") + 1


def test_a_value_keeps_its_second_colon() -> None:
    document = parse(FILE, "title: Bài 1: Mật khẩu\n\nThân bài", KEYS, Problems())
    assert document.entries == (Entry("title", "Bài 1: Mật khẩu", 1),)
    assert document.numbered_body() == [(3, "Thân bài")]


def test_the_library_is_read_in_the_order_it_is_taught() -> None:
    library = load(SAMPLE)
    assert [course.id for course in library.courses] == ["lam-quen"]
    assert [module.id for module in library.modules()] == ["man-hinh", "danh-ba"]
    assert [lesson.id for lesson in library.lessons()] == [
        "man-hinh-chu-to",
        "man-hinh-sang-vua",
        "danh-ba-luu-so",
    ]
    assert [page.slug for page in library.pages] == ["bi-lua"]
    assert {skill.id for skill in library.skills} == {"chinh-man-hinh", "luu-so"}
    assert library.frameworks[0].codes == (("1.1", "Dùng màn hình"), ("1.2", "Dùng danh bạ"))


def test_a_lesson_is_read_with_its_steps_lines_and_sentence_to_remember() -> None:
    lesson = load(SAMPLE).lessons()[0]
    assert [step.id for step in lesson.steps] == ["mo-cai-dat", "keo-thanh", "xem-lai", "lam-ngay"]
    assert (lesson.steps[1].title, lesson.steps[1].line) == ("Kéo thanh cỡ chữ", 19)
    assert lesson.opening == "Chữ nhỏ thì mỏi mắt. Máy nào cũng cho làm chữ to lên."
    assert lesson.remember == "chữ nhỏ thì chỉnh máy, không phải cố đọc."
    assert (lesson.minutes, lesson.required, lesson.former_slugs) == (5, True, ("phong-chu",))
    assert lesson.file == Path("courses/lam-quen/01-man-hinh/01-chu-to.md")


def test_a_module_knows_the_size_of_its_pictures() -> None:
    module = load(SAMPLE).modules()[0]
    assert module.picture_sizes() == {"hinh/banh-rang.svg": (160, 120)}


def test_sound_beside_a_step_belongs_to_it(tmp_path: Path) -> None:
    root = shutil.copytree(SAMPLE, tmp_path / "library")
    sound = Path("courses/lam-quen/01-man-hinh/01-chu-to.xem-lai.opus")
    (root / sound).write_bytes(b"x")
    assert [step.audio for step in load(root).lessons()[0].steps] == [(), (), (sound,), ()]


def test_a_question_is_read_with_keys_feedback_and_key() -> None:
    quiz = load(SAMPLE).modules()[1].quiz
    assert quiz is not None
    assert (quiz.id, quiz.draw, quiz.pass_percent) == ("kt-danh-ba", 3, 80)
    question = quiz.questions[0]
    assert (question.id, question.skill, question.use, question.lesson) == (
        "db-dau-cong",
        "luu-so",
        "both",
        "danh-ba-luu-so",
    )
    assert [choice.key for choice in question.choices] == ["a", "b", "c", "d"]
    assert [choice.is_right for choice in question.choices] == [False, True, False, False]
    assert [choice.is_unsure for choice in question.choices] == [False, False, False, True]
    assert question.choices[0].feedback == "Hình mặt trời để chỉnh độ sáng."
    assert question.explanation == "Dấu cộng ở đâu cũng có nghĩa là thêm."


def test_no_question_of_a_broken_bank_has_two_right_choices_after_load(tmp_path: Path) -> None:
    root = shutil.copytree(SAMPLE, tmp_path / "library")
    bank = root / "quizzes/lam-quen/danh-ba.md"
    bank.write_text(bank.read_text(encoding="utf-8").replace("- [ ]", "- [x]"), encoding="utf-8")
    with pytest.raises(ContentErrors, match="3 đáp án đúng") as raised:
        load(root)
    assert len(raised.value.problems) == 4


def test_loading_does_not_stop_at_wording_or_age(tmp_path: Path) -> None:
    root = shutil.copytree(SAMPLE, tmp_path / "library")
    facts = root / "courses/facts.toml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("2027-04-30", "2026-11-02"), encoding="utf-8")
    lesson = root / "courses/lam-quen/01-man-hinh/01-chu-to.md"
    lesson.write_text(
        lesson.read_text(encoding="utf-8").replace("vừa mắt", "vừa mắt " * 20), encoding="utf-8"
    )
    assert load(root).facts[0].expires == date(2026, 11, 2)


def test_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    root = shutil.copytree(SAMPLE, tmp_path / "library")
    for path in [*root.rglob("*.md"), *root.rglob("*.toml"), *root.rglob("*.txt")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(root) == load(SAMPLE)


def test_sentences_know_their_line_and_leave_marks_out() -> None:
    lines = [
        (3, 'Họ nói: "Sửa ngay." Rồi **gửi'),
        (4, "đường dẫn** [ở đây](/bi-lua). Dừng!"),
        (5, ""),
        (6, "- Một"),
    ]
    found = [item for block in blocks(lines) for item in sentences(block, {})]
    assert found == [(3, 'Họ nói: "Sửa ngay."'), (3, "Rồi gửi đường dẫn ở đây."), (4, "Dừng!"), (6, "Một")]


def test_an_address_with_dots_is_one_sentence() -> None:
    [block] = blocks([(1, "Gõ `dichvucong.gov.vn` rồi bấm 1.000 lần.")])
    assert len(sentences(block, {})) == 1


def test_an_edition_is_the_same_wherever_the_question_stands() -> None:
    question = load(SAMPLE).questions()[0]
    moved = replace(question, file=Path("x.md"), line=99, use="check", difficulty=3)
    assert canonical(moved) == canonical(question)
    assert edition_id(canonical(question)) == edition_id(canonical(moved))
    assert len(edition_id(canonical(question))) == 64


def test_an_edition_changes_with_a_word_a_key_or_an_answer() -> None:
    question = load(SAMPLE).questions()[0]
    first, *rest = question.choices
    changed = [
        replace(question, text=question.text + "!"),
        replace(question, explanation=""),
        replace(question, choices=(replace(first, key="z"), *rest)),
        replace(question, choices=(replace(first, is_right=True), *rest)),
        replace(question, choices=(replace(first, feedback="khác"), *rest)),
    ]
    assert len({canonical(item) for item in [question, *changed]}) == 6


def test_an_edition_is_compact_sorted_nfc_json() -> None:
    lesson = load(SAMPLE).lessons()[0]
    text = canonical(lesson)
    value = json.loads(text)
    assert json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == text
    assert unicodedata.is_normalized("NFC", text)
    assert value["steps"][0]["id"] == "mo-cai-dat"
    assert not {"file", "reviewer", "minutes"} & value.keys()


def test_an_edition_does_not_depend_on_how_letters_were_composed() -> None:
    lesson = load(SAMPLE).lessons()[0]
    decomposed = replace(lesson, opening=unicodedata.normalize("NFD", lesson.opening))
    assert canonical(decomposed) == canonical(lesson)
