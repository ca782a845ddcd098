"""Hypothesis draws questions of every kind that a bank can hold, with signs other formats trip over."""

from pathlib import Path
from string import ascii_lowercase

from hypothesis import assume
from hypothesis import strategies as st

from lms.content.gift_answers import spelt
from lms.content.intake import bare
from lms.content.kinds import KIND, UNSURE, findings
from lms.content.library import ChoiceDesc, QuestionDesc

SIGNS = list("~=#{}:\\%[]*_`<>&;,.-/'\"!?()|+@$0123456789 abcxyzTFnĐêựỗ")
PIECES = ["####", "->", "::", "//", "\\n", "%50%", "[html]", "[markdown]", "$CATEGORY:", "=1+1", "T"]
words = (
    st.lists(st.sampled_from(SIGNS + PIECES), min_size=1, max_size=12)
    .map(lambda parts: " ".join("".join(parts).split()))
    .filter(lambda text: any(letter.isalnum() for letter in text) and len(text) > 1)
)
without_arrows = words.filter(lambda text: "->" not in text)
typed = without_arrows.filter(lambda text: not any(mark in text for mark in ("**", "`", "](", "\\*")))
# Our own banks part the sides by =>, and GIFT has no way to write the other two in a pair.
sides = words.filter(lambda text: not any(mark in text for mark in ("=>", "->", "\\n")))
identifiers = st.from_regex(r"[a-z]{2,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
decimals = st.decimals(-99999, 99999, places=2).map(lambda n: format(n, "f").rstrip("0").rstrip("."))


@st.composite
def questions(draw: st.DrawFn, kind: str) -> QuestionDesc:
    """Draw a question that obeys the rules of its kind."""
    rule = KIND[kind]
    question = QuestionDesc(
        id=draw(identifiers),
        text=draw(words),
        skill=draw(identifiers),
        difficulty=draw(st.integers(1, 3)),
        use=draw(st.sampled_from(["practice", "check", "both"])),
        lesson=draw(identifiers),
        choices=tuple(_lines(draw, kind)),
        explanation=draw(words) if rule.needs_explanation else "",
        file=Path(),
        line=0,
        kind=kind,
        credit=draw(st.sampled_from(rule.credits)),
        plain_letters=kind == "text" and draw(st.booleans()),
        tolerance=draw(st.sampled_from(["0", "0.05", "2"])) if kind == "number" else "0",
        unit=draw(st.sampled_from(["", "đồng"])) if kind == "number" else "",
        near=draw(st.one_of(st.just(""), identifiers)),
    )
    assume(not any(findings(question)))
    return bare(question)


def _lines(draw: st.DrawFn, kind: str) -> list[ChoiceDesc]:
    low, high = KIND[kind].lines
    count = draw(st.integers(low, high))
    keys = draw(st.permutations(ascii_lowercase[: count + 2])) if draw(st.booleans()) else ascii_lowercase
    right = draw(st.integers(0, count - 1))
    lines = [_line(draw, kind, keys[at], at, at == right) for at in range(count)]
    if KIND[kind].needs_unsure:
        lines.append(
            ChoiceDesc(keys[count], UNSURE, is_right=False, is_unsure=True, feedback=draw(without_arrows))
        )
    return lines


def _line(draw: st.DrawFn, kind: str, key: str, at: int, is_right: bool) -> ChoiceDesc:
    feedback = draw(without_arrows) if KIND[kind].needs_feedback else ""
    if kind == "true-false":
        return ChoiceDesc(key, ["Đúng", "Sai"][at], is_right, False, feedback)
    if kind == "number":
        value = draw(decimals)
        return ChoiceDesc(key, spelt(value), is_right or draw(st.booleans()), False, feedback, mark=value)
    if kind == "matching":
        fits = is_right or at < 2 or draw(st.booleans())
        return ChoiceDesc(key, draw(sides) if fits else "", fits, False, "", pair=draw(sides))
    if kind == "open":
        return ChoiceDesc(key, draw(words), False, False, "", mark=str(draw(st.integers(1, 10))))
    some = is_right or (kind in {"multiple", "text"} and draw(st.booleans()))
    return ChoiceDesc(key, draw(typed if kind == "text" else words), some, False, feedback)
