"""Writing questions out and reading them back; and what broken banks may never become."""

import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.content.bank_lines import drafts
from lms.content.bank_text import print_bank, print_question
from lms.content.head import parse
from lms.content.kinds import KIND, UNSURE
from lms.content.library import KINDS, ChoiceDesc, ColumnDesc, QuestionDesc, QuizDesc
from lms.content.problems import Problems
from lms.content.questions import read_question
from lms.content.quizzes import KEYS, read_bank
from tests.kinds import BANK, library_of_kinds

FILE = Path("quizzes/x/y.md")
SYLLABLES = [
    "gọi", "tắt", "máy", "mã", "số", "tiền", "người", "nhà", "lạ", "ngân", "hàng", "đường", "dẫn", "bấm",
    "hỏi", "thẻ", "giấy", "nhớ", "khóa", "15", "OTP", "“vội”",
]  # fmt: skip

words = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6).map(" ".join)
ids = st.text(string.ascii_lowercase, min_size=1, max_size=6)
maybe = st.one_of(st.just(""), words)


def _keyed(lines: list[ChoiceDesc], with_unsure: bool, unsure_feedback: str) -> tuple[ChoiceDesc, ...]:
    keyed = [replace(line, key=key) for key, line in zip(string.ascii_lowercase, lines, strict=False)]
    unsure = ChoiceDesc("z", UNSURE, False, True, unsure_feedback)
    return (*keyed, unsure) if with_unsure else tuple(keyed)


def _line(text: str, right: bool = False, feedback: str = "", mark: str = "", pair: str = "") -> ChoiceDesc:
    return ChoiceDesc("", text, right, False, feedback, mark, pair)


def _texts(low: int, high: int) -> st.SearchStrategy[list[str]]:
    return st.lists(words, min_size=low, max_size=high, unique_by=lambda text: text.casefold())


@st.composite
def chosen(draw: st.DrawFn, kind: str) -> list[ChoiceDesc]:
    if kind == "true-false":
        right = draw(st.booleans())
        return [_line("Đúng", right, draw(words)), _line("Sai", not right, draw(words))]
    texts = draw(_texts(max(KIND[kind].lines[0], 2), KIND[kind].lines[1]))
    most = {"single": 1, "survey": 0}.get(kind, len(texts) - 1)
    least = 0 if kind in {"spot", "survey"} else 1
    right = draw(st.sets(st.sampled_from(range(len(texts))), min_size=least, max_size=most))
    return [_line(text, n in right, draw(words)) for n, text in enumerate(texts)]


@st.composite
def placed(draw: st.DrawFn, kind: str) -> list[ChoiceDesc]:
    texts = draw(_texts(*KIND[kind].lines))
    marks: list[str]
    if kind == "ordering":
        marks = [str(place) for place in draw(st.permutations(range(1, len(texts) + 1)))]
    elif kind == "matrix":
        marks = [draw(st.sampled_from("nk")) for _ in texts]
    else:
        marks = [str(draw(st.integers(1, 10))) for _ in texts]
    return [_line(text, mark=mark, feedback=draw(maybe)) for text, mark in zip(texts, marks, strict=True)]


@st.composite
def matched(draw: st.DrawFn, kind: str) -> list[ChoiceDesc]:
    left = draw(_texts(2, 4))
    sides = draw(_texts(2, 5))
    pairs = [draw(st.sampled_from(sides[:2])) for _ in left]
    decoys = [] if len(set(pairs)) == 2 and draw(st.booleans()) else sides[2:] or ["vế thừa"]
    return [
        *(_line(text, True, pair=pair) for text, pair in zip(left, pairs, strict=True)),
        *(_line("", pair=pair) for pair in decoys),
    ]


@st.composite
def typed(draw: st.DrawFn, kind: str) -> list[ChoiceDesc]:
    if kind == "text":
        texts = draw(
            st.lists(
                st.sampled_from(["mã OTP", "gọi lại", "tắt máy", "hỏi người nhà", "thẻ"]),
                min_size=1,
                unique=True,
            )
        )
        return [_line(text, n == 0, draw(words)) for n, text in enumerate(texts)]
    numbers = draw(st.lists(st.integers(1, 9999), min_size=1, max_size=5, unique=True))
    return [_line(f"{n},5", i == 0, draw(words), mark=f"{n}.5") for i, n in enumerate(numbers)]


LINES: dict[str, Callable[[str], st.SearchStrategy[list[ChoiceDesc]]]] = {
    **dict.fromkeys(("single", "multiple", "true-false", "spot", "survey"), chosen),
    **dict.fromkeys(("ordering", "matrix", "open"), placed),
    "matching": matched,
    "text": typed,
    "number": typed,
}


@st.composite
def questions(draw: st.DrawFn) -> QuestionDesc:
    kind = draw(st.sampled_from(KINDS))
    with_unsure = KIND[kind].needs_unsure or draw(st.booleans())
    choices = _keyed(draw(LINES[kind](kind)), with_unsure, draw(words))
    is_text, is_number = kind == "text", kind == "number"
    accepted = next((choice.text for choice in choices if choice.is_right), "")
    return QuestionDesc(
        id=draw(ids),
        text=draw(words),
        skill=draw(ids),
        difficulty=draw(st.integers(1, 3)),
        use=draw(st.sampled_from(("practice", "check", "both"))),
        lesson=draw(ids),
        choices=choices,
        explanation=draw(maybe) if kind == "survey" else draw(words),
        file=FILE,
        line=0,
        kind=kind,
        credit=draw(st.sampled_from(KIND[kind].credits)),
        columns=(ColumnDesc("n", "Nên"), ColumnDesc("k", "Không nên")) if kind == "matrix" else (),
        plain_letters=is_text and draw(st.booleans()),
        names=(accepted,) if is_text and draw(st.booleans()) else (),
        tolerance=draw(st.sampled_from(("0", "0.25"))) if is_number else "0",
        unit=draw(st.sampled_from(("", "đồng", "km"))) if is_number else "",
        hints=tuple(draw(st.lists(words, max_size=3))),
        near=draw(st.one_of(st.just(""), ids)),
        sender=draw(maybe) if kind == "spot" else "",
        picture=draw(st.sampled_from(("", "![Một hình](hinh/hinh-nay.svg)"))),
    )


def read_questions(text: str) -> tuple[list[QuestionDesc], Problems]:
    """Read questions that stand under a head, their places in the file left out."""
    problems = Problems()
    document = parse(FILE, f"title: x\n\n{text}", KEYS, problems)
    found = [read_question(FILE, draft, problems) for draft in drafts(document, problems)]
    return [_placeless(question) for question in found], problems


def _placeless(question: QuestionDesc) -> QuestionDesc:
    return replace(question, line=0, choices=tuple(replace(choice, line=0) for choice in question.choices))


@settings(max_examples=150)
@given(st.lists(questions(), min_size=1, max_size=3))
def test_what_is_written_out_is_read_back_the_same(several: list[QuestionDesc]) -> None:
    text = "\n".join(print_question(question) for question in several)
    found, problems = read_questions(text)
    assert [str(problem) for problem in problems] == []
    assert found == several


def test_the_guides_bank_is_written_out_as_its_authors_wrote_it(tmp_path: Path) -> None:
    root = library_of_kinds(tmp_path, "draw: 9\npass: 80\ntries: 3\nwait: 5\ncounts: latest\n")
    problems = Problems()
    read = read_bank(root, Path(BANK), problems)
    assert read is not None
    assert list(problems) == []
    assert print_bank(read[1]) == (root / BANK).read_text(encoding="utf-8")


def test_runs_of_spaces_and_line_ends_become_one_space() -> None:
    question = QuestionDesc(
        id="c", text="Hai\ndòng  liền", skill="s", difficulty=1, use="check", lesson="", file=FILE, line=0,
        choices=(ChoiceDesc("a", "một\n\n## hai", True, False, "Lời\n- [x] b) giả"),), explanation="> x\ny",
    )  # fmt: skip
    found, _ = read_questions(print_question(question))
    assert len(found) == 1
    assert found[0].text == "Hai dòng liền"
    assert [(c.key, c.text, c.feedback) for c in found[0].choices] == [
        ("a", "một ## hai", "Lời - [x] b) giả")
    ]  # fmt: skip


def some_answer_is_wrong(question: QuestionDesc) -> bool:
    """Tell whether there is an answer to a question that is not right."""
    lines = [line for line in question.choices if not line.is_unsure]
    if not KIND[question.kind].is_drawn:
        return True
    if question.kind == "matrix":
        return len(question.columns) > 1 and bool(lines)
    if question.kind == "ordering":
        return len({line.mark for line in lines}) == len(lines) > 1
    if question.kind == "matching":
        return len({line.pair for line in lines}) > 1
    if question.kind in {"text", "number"}:
        return any(line.is_right for line in lines)
    return any(not line.is_right for line in lines) and (
        question.kind == "spot" or any(line.is_right for line in lines)
    )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"))
    return root, (root / BANK).read_text(encoding="utf-8")


def _mutate(lines: list[str], data: st.DataObject) -> list[str]:
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(("drop", "twice", "swap", "mark", "cut", "put")))
    if how == "drop":
        return lines[:at] + lines[at + 1 :]
    if how == "twice":
        return [*lines[: at + 1], *lines[at:]]
    if how == "swap":
        other = data.draw(st.integers(0, len(lines) - 1))
        lines = list(lines)
        lines[at], lines[other] = lines[other], lines[at]
        return lines
    changed = {
        "mark": lines[at].replace("[ ]", "[x]") if "[ ]" in lines[at] else lines[at].replace("[x]", "[ ]"),
        "cut": lines[at][: data.draw(st.integers(0, 12))],
        "put": data.draw(st.sampled_from(PUT)) + lines[at],
    }[how]
    return [*lines[:at], changed, *lines[at + 1 :]]


PUT = [
    "- [x] ", "- [1] ", "- [12] b) ", "- [?] a) ", "      ", "> ", "## ", "=> ", "|", "{#", "\u0301",
    "kind: multiple\n", "kind: matching\n", "columns: x) a | x) b\n", "![x](hinh/x.svg)\n",
    "tolerance: 99999999999999999999\n",
]  # fmt: skip


@settings(max_examples=150)
@given(st.data())
def test_a_broken_bank_is_told_and_never_becomes_one_in_which_every_answer_is_right(
    bank: tuple[Path, str], data: st.DataObject
) -> None:
    lines = bank[1].split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        lines = _mutate(lines, data)
    found, problems = read_questions("\n".join(lines).partition("\n\n")[2])
    if len(problems) == 0:
        assert [q.id for q in found if not some_answer_is_wrong(q)] == []
        assert all(sum(c.is_unsure for c in q.choices) <= 1 for q in found)
        assert all(len({c.key for c in q.choices}) == len(q.choices) for q in found)


@given(st.text())
@example("## a {#b}\nkind: number\ntolerance: 1e999\n\n- [x] a) NaN\n- [x] b) ٣\n")
@example("## a {#b}\nkind: number\nunit: 1\n\n- [x] a) 1\n- [x] a) 1\n")
@example("## a {#b}\nkind: matching\n\n- [x] a) =>\n- [ ] b) =>=>\n")
def test_any_text_is_read_without_an_exception(text: str) -> None:
    read_questions(text)


def test_writing_out_a_bank_gives_its_head_in_the_order_of_the_guide() -> None:
    quiz = QuizDesc("kt", "m", "Tên", 3, 80, (), FILE)
    assert print_bank(quiz).split("\n")[:5] == ["title: Tên", "id: kt", "module: m", "draw: 3", "pass: 80"]
