"""What counts as the same answer, by a table of pairs and by what holds of any text."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.vietnamese.answers import LONGEST, same_answer, tidy

TABLE = Path(__file__).with_name("answer_pairs.tsv")
EMERGENCY = re.compile(r"(?<!\d)(?:11[1-5])(?!\d)")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|([tn]))")


@dataclass(frozen=True)
class Pair:
    """A line of the table, its escapes read."""

    line: int
    accepts: bool
    plain: bool
    names: tuple[str, ...]
    typed: str
    accepted: str


def _read(text: str) -> str:
    def shown(found: re.Match[str]) -> str:
        return {"t": "\t", "n": "\n"}[found[3]] if found[3] else chr(int(found[1] or found[2], 16))

    return _ESCAPE.sub(shown, text)


def _pairs() -> list[Pair]:
    pairs = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            continue
        verdict, switch, typed, accepted = line.split("\t")
        assert verdict in {"accept", "refuse"}, line
        plain = switch.split(" ")[0] == "plain"
        listed = switch.partition("names=")[2]
        names = tuple(listed.split("|")) if listed else ()
        pairs.append(Pair(number, verdict == "accept", plain, names, _read(typed), _read(accepted)))
    return pairs


PAIRS = _pairs()


def test_every_pair_of_the_table_is_taken_or_refused_as_it_says() -> None:
    wrong = [
        pair
        for pair in PAIRS
        if same_answer(pair.typed, pair.accepted, plain_letters=pair.plain, names=pair.names)
        is not pair.accepts
    ]
    counted = Counter("accept" if pair.accepts else "refuse" for pair in PAIRS)
    print(f"answer pairs: {len(PAIRS)}, {dict(counted)}, wrong {len(wrong)}")
    assert wrong == []
    assert len(PAIRS) >= 150
    assert min(counted.values()) >= 60


def test_no_right_answer_of_the_table_is_an_emergency_number() -> None:
    assert [pair for pair in PAIRS if EMERGENCY.search(pair.accepted)] == []


@pytest.mark.parametrize(("one", "other"), [("gọi 115", "gọi 113"), ("gọi 133", "gọi 113")])
def test_the_digits_that_a_fuzzy_ratio_took_for_the_same_are_refused_both_ways(one: str, other: str) -> None:
    assert not same_answer(one, other)
    assert not same_answer(other, one)


def test_refused_pairs_are_refused_the_other_way_round_too_unless_the_switch_is_on() -> None:
    strict = [pair for pair in PAIRS if not pair.plain]
    turned = [p for p in strict if same_answer(p.accepted, p.typed, names=p.names) is not p.accepts]
    assert turned == []


def test_what_is_taken_without_the_switch_is_taken_with_it() -> None:
    taken = [p for p in PAIRS if p.accepts and not p.plain]
    assert [p for p in taken if not same_answer(p.typed, p.accepted, plain_letters=True, names=p.names)] == []


def test_the_table_gives_the_same_in_every_form_of_composition() -> None:
    for form in ("NFC", "NFD"):
        for pair in PAIRS:
            typed, accepted = unicodedata.normalize(form, pair.typed), pair.accepted
            given = same_answer(typed, accepted, plain_letters=pair.plain, names=pair.names)
            assert given is pair.accepts, (form, pair)


def test_the_table_is_tidy() -> None:
    keys = [(p.typed, p.accepted, p.plain, p.names) for p in PAIRS]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    assert [p for p in PAIRS if not p.accepts and p.typed == p.accepted] == []


WORDS = "mật khẩu không hòa hoá thuý quý già giếng được đường nghĩa kỹ kĩ căn cước OTP VNeID TP.HCM e-mail"
OTHERS = (
    "5 1.500 1900 0900 2,5 24/7 dichvucong.gov.vn https://bit.ly/Ab lan@truong.edu.vn % – - … “ ” ( . , ; : !"
)
SYLLABLES = st.sampled_from([*WORDS.split(), *OTHERS.split()])
WRITTEN = st.lists(SYLLABLES, min_size=1, max_size=8).map(" ".join)
ANYTHING = st.one_of(WRITTEN, st.text(max_size=40))


@given(text=ANYTHING, form=st.sampled_from(["NFC", "NFD"]), plain=st.booleans())
def test_an_answer_is_the_same_as_itself_however_it_is_composed(text: str, form: str, plain: bool) -> None:
    assume(tidy(text))
    again = unicodedata.normalize(form, text)
    assert same_answer(again, text, plain_letters=plain)
    assert same_answer(text, again, plain_letters=plain)


@given(one=ANYTHING, other=ANYTHING)
def test_without_the_switch_it_does_not_matter_which_of_two_was_typed(one: str, other: str) -> None:
    assert same_answer(one, other) is same_answer(other, one)


def digits(text: str) -> list[int]:
    return [unicodedata.decimal(c) for c in text if unicodedata.category(c) == "Nd"]


_NUMBERS = st.text(alphabet="0123456789  .,-/:ab\u00a0\uff15", min_size=1, max_size=14)


@given(one=_NUMBERS, other=_NUMBERS, plain=st.booleans())
def test_no_answer_with_other_digits_is_ever_taken(one: str, other: str, plain: bool) -> None:
    if same_answer(one, other, plain_letters=plain):
        assert digits(one) == digits(other)


@given(text=WRITTEN, place=st.integers(0, 60), digit=st.sampled_from("0123456789"), plain=st.booleans())
def test_a_digit_put_in_changed_or_left_out_is_refused(
    text: str, place: int, digit: str, plain: bool
) -> None:
    for wrong in (text[:place] + digit + text[place:], text[:place] + digit + text[place + 1 :]):
        if digits(wrong) != digits(text):
            assert not same_answer(wrong, text, plain_letters=plain)
            assert not same_answer(text, wrong, plain_letters=plain)


@given(label=st.text(alphabet="abcdefghij-", min_size=3, max_size=12), wrong=st.sampled_from("-._ /@:x1"))
def test_no_character_may_be_put_into_an_address(label: str, wrong: str) -> None:
    assume(label.strip("-") == label)
    address = f"{label}.gov.vn"
    for place in range(1, len(address)):
        assert not same_answer(address[:place] + wrong + address[place:], address), place
        assert not same_answer(address[:place] + address[place + 1 :], address), place


def test_what_is_too_long_to_be_an_answer_is_none() -> None:
    assert same_answer("a" * LONGEST, "a" * LONGEST)
    assert not same_answer("a" * (LONGEST + 1), "a" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text", ["a." * 1000, "1 " * 1000, "a@" * 1000, "-." * 1000, "hòa" * 600, "http://" * 280, "/" * 2000]
)
def test_no_text_keeps_the_server_busy(text: str) -> None:
    begun = process_time()
    same_answer(text, text[1:] + " ", names=("VNeID", "eTax Mobile"))
    assert process_time() - begun < 1
