"""Which changes of a question make a new edition, and which of those change its key."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from lms.catalog.marking_key import key_of
from lms.catalog.rendered import question_of, rendered_question
from lms.content import load
from lms.content.editions import canonical, edition_id
from lms.content.library import ChoiceDesc, QuestionDesc
from lms.content.render import Renderer
from tests.kinds import library_of_kinds

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "sample"
Change = Callable[[QuestionDesc], QuestionDesc]
Key = Callable[[QuestionDesc], tuple[object, ...]]


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, QuestionDesc]:
    root = library_of_kinds(tmp_path_factory.mktemp("kinds"))
    return {question.kind: question for question in load(root).questions()}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as shared:
        yield shared


@pytest.fixture(scope="module")
def key(renderer: Renderer) -> Key:
    """Return the key of a question as it is published: what a sync and a regrade compare."""
    return lambda question: key_of(question_of("", "", rendered_question(renderer, question, "", {}), {}))


def _edition_before_there_were_kinds(question: QuestionDesc) -> str:
    """Hash what an edition of a question was before it had kinds, written out once more."""
    value = {
        "choices": [
            {
                "feedback": choice.feedback,
                "key": choice.key,
                "right": choice.is_right,
                "text": choice.text,
                "unsure": choice.is_unsure,
            }
            for choice in question.choices
        ],
        "explanation": question.explanation,
        "id": question.id,
        "kind": "single",
        "skill": question.skill,
        "text": question.text,
        "v": 1,
    }
    return sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def test_the_editions_of_the_courses_that_ship_are_what_they_were() -> None:
    single = [question for question in load(ROOT).questions() if question.kind == "single"]
    before = {q.id: _edition_before_there_were_kinds(q) for q in single if not q.hints and not q.picture}
    assert len(before) >= 60
    assert {q.id: edition_id(canonical(q)) for q in single if q.id in before} == before


def test_the_edition_of_one_question_is_known_by_heart() -> None:
    question = next(q for q in load(SAMPLE).questions() if q.id == "mh-chu-nho")
    assert edition_id(canonical(question)) == (
        "d03332ff5a081ec44a9a70d843ee8baf36a0f6e9c587979a92ffa2c4c5782b52"
    )


def test_every_other_question_is_of_version_2(questions: dict[str, QuestionDesc]) -> None:
    versions = {kind: json.loads(canonical(question))["v"] for kind, question in questions.items()}
    assert {kind for kind, version in versions.items() if version == 1} == {"single"}
    assert json.loads(canonical(replace(questions["single"], hints=("Nghĩ đã.",))))["v"] == 2


def test_a_group_of_near_questions_makes_no_edition(questions: dict[str, QuestionDesc]) -> None:
    for question in questions.values():
        assert canonical(replace(question, near="nhom", difficulty=3, use="check")) == canonical(question)


def _lines(question: QuestionDesc, change: Callable[[ChoiceDesc], ChoiceDesc]) -> QuestionDesc:
    return replace(question, choices=tuple(change(line) for line in question.choices))


def _first(question: QuestionDesc, **changes: object) -> QuestionDesc:
    first, *rest = question.choices
    return replace(question, choices=(replace(first, **changes), *rest))  # type: ignore[arg-type]


def _reworded(line: ChoiceDesc) -> ChoiceDesc:
    return replace(line, text=f"{line.text}, nói cách khác", pair=line.pair and f"{line.pair} đó")


WORDING: dict[str, Change] = {
    "the stem": lambda q: replace(q, text=f"{q.text} Nhớ kỹ."),
    "the explanation": lambda q: replace(q, explanation="Nói cách khác."),
    "a feedback": lambda q: _first(q, feedback="Nói cách khác."),
    "a hint": lambda q: replace(q, hints=("Nói cách khác.",)),
    "a picture": lambda q: replace(q, picture="![Hình](hinh/khac.svg)"),
    "the order of lines": lambda q: replace(q, choices=(*reversed(q.choices[:-1]), q.choices[-1])),
}


@pytest.mark.parametrize("what", WORDING)
def test_other_wording_is_another_edition_with_the_same_key(
    what: str, questions: dict[str, QuestionDesc], key: Key
) -> None:
    for question in questions.values():
        after = WORDING[what](question)
        assert canonical(question) != canonical(after), question.kind
        assert key(question) == key(after), question.kind


def test_the_words_of_lines_are_the_key_only_where_they_are_typed(
    questions: dict[str, QuestionDesc], key: Key
) -> None:
    typed = set()
    for kind, question in questions.items():
        if key(question) != key(_lines(question, _reworded)):
            typed.add(kind)
    assert typed == {"text"}
    rewritten = _first(questions["number"], text="1,5 triệu")
    assert key(rewritten) == key(questions["number"]), "the same number"


KEYS: dict[str, tuple[str, Change]] = {
    "another right choice": ("single", lambda q: _first(q, is_right=True)),
    "the right choice taken away": ("single", lambda q: replace(q, choices=(q.choices[0], *q.choices[2:]))),
    "a choice taken away": ("multiple", lambda q: replace(q, choices=(q.choices[0], *q.choices[2:]))),
    "one more right choice": ("multiple", lambda q: _lines(q, lambda c: replace(c, is_right=c.key != "d"))),
    "another credit": ("multiple", lambda q: replace(q, credit="penalised")),
    "true for false": ("true-false", lambda q: _lines(q, lambda c: replace(c, is_right=not c.is_right))),
    "another accepted word": ("text", lambda q: _first(q, text="mã xác thực")),
    "letters without marks": ("text", lambda q: replace(q, plain_letters=False)),
    "another name": ("text", lambda q: replace(q, names=())),
    "another number": ("number", lambda q: _first(q, text="1.600.000", mark="1600000")),
    "a tolerance": ("number", lambda q: replace(q, tolerance="0.5")),
    "another unit": ("number", lambda q: replace(q, unit="nghìn đồng")),
    "another place": ("ordering", lambda q: _first(q, mark="4")),
    "another pair": ("matching", lambda q: _first(q, pair="Đòi mã")),
    "another column": ("matrix", lambda q: _first(q, mark="n")),
    "another suspicious piece": ("spot", lambda q: _first(q, is_right=True)),
    "other points": ("open", lambda q: _first(q, mark="3")),
    "another kind": ("single", lambda q: replace(q, kind="multiple")),
}


@pytest.mark.parametrize("what", KEYS)
def test_what_decides_marks_is_the_key(what: str, questions: dict[str, QuestionDesc], key: Key) -> None:
    kind, change = KEYS[what]
    assert key(change(questions[kind])) != key(questions[kind])


def test_a_wrong_line_more_is_another_key_only_where_every_line_is_weighed(
    questions: dict[str, QuestionDesc], key: Key
) -> None:
    weighed = set()
    for kind in ("single", "multiple", "text", "number", "spot", "matching"):
        more = questions[kind]
        wrong = [c for c in more.choices if not c.is_right and not c.is_unsure]
        fewer = replace(more, choices=tuple(c for c in more.choices if c is not wrong[-1]))
        assert canonical(fewer) != canonical(more)
        if key(fewer) != key(more):
            weighed.add((kind, more.credit))
    assert weighed == {("multiple", "proportional")}


def test_a_survey_has_no_key(questions: dict[str, QuestionDesc], key: Key) -> None:
    survey = questions["survey"]
    assert key(replace(survey, choices=survey.choices[1:])) == key(survey)


def test_a_right_side_may_be_reworded_and_shared_with_other_lines_in_any_order(
    questions: dict[str, QuestionDesc], key: Key
) -> None:
    matching = questions["matching"]
    hurried = _lines(matching, lambda c: replace(c, pair=c.pair.replace("Bắt vội", "Giục vội")))
    assert key(hurried) == key(matching)
    apart = _first(matching, pair="Bắt rất vội")
    assert key(apart) != key(matching), "no longer one option"
