"""Printed tests as plain values: the versions, what may be typed, where two entries differ."""

import secrets
from collections import Counter
from dataclasses import replace

import pytest

from lms.catalog.catalogue import Choice, Question
from lms.codes import check_digit
from lms.quizzes.printing import (
    Sheet,
    TypedSlip,
    Versions,
    chosen_keys,
    compare,
    left_out,
    make_versions,
    most_on_paper,
    printable,
    read_code,
    read_letters,
    read_versions,
    settled,
    written,
)

RANDOM = secrets.SystemRandom()


def question(number: int, kind: str = "single", choices: int = 4, skill: str = "mot") -> Question:
    """Return a question whose choices are the keys a, b, c…, the last one “Tôi chưa chắc”."""
    keys = "abcdefgh"[: choices + 1]
    return Question(
        id=f"q{number}",
        edition_id=f"e{number}",
        html=f"Câu {number}",
        text=f"Câu {number}",
        skill=skill,
        difficulty=1,
        choices=tuple(Choice(key, key, "", key == "a", key == keys[-1]) for key in keys),
        explanation="",
        kind=kind,
    )


BANK = [question(n, skill="một" if n % 2 else "hai") for n in range(12)]
VERSIONS: Versions = make_versions([question(0), question(1, "true-false", 2)], 2, 2, RANDOM, alike=True)


def test_alike_versions_ask_the_same_in_another_order_under_codes_that_catch_slips() -> None:
    versions = make_versions(BANK, 6, 8, RANDOM, alike=True)
    assert len(versions) == 8
    assert len({frozenset(a.question_id for a in version) for version in versions.values()}) == 1
    assert len({tuple(a.question_id for a in version) for version in versions.values()}) == 8
    for code, version in versions.items():
        assert len(code) == 4
        assert code[0] != "0"
        assert check_digit(code) == "0"
        assert all(sorted(asked.keys) == ["a", "b", "c", "d"] for asked in version)
    orders = {asked.keys for version in versions.values() for asked in version}
    assert len(orders) > 8, "the choices are shuffled too"


def test_versions_that_differ_ask_what_those_before_did_not_and_stay_balanced_over_skills() -> None:
    versions = list(make_versions(BANK, 6, 2, RANDOM, alike=False).values())
    asked = [{a.question_id for a in version} for version in versions]
    assert asked[0] | asked[1] == {q.id for q in BANK}
    skills = {q.id: q.skill for q in BANK}
    for ids in asked:
        assert Counter(skills[key] for key in ids) == {"một": 3, "hai": 3}


def test_only_what_a_letter_answers_is_printed_and_the_rest_is_counted() -> None:
    odd = [
        question(20, "multiple"),
        question(21, "open"),
        replace(question(22), picture='<img src="/tep/x/hinh/y.svg" alt="y">'),
        question(23, choices=6),
        replace(question(24), choices=question(24).choices[:-1]),
    ]
    assert printable([*odd, BANK[0], question(25, "true-false", 2)]) == (
        BANK[0],
        question(25, "true-false", 2),
    )
    assert left_out([*odd, BANK[0]]) == {"multiple": 1, "open": 1, "picture": 1, "single": 2}
    drawn = make_versions([*odd, *BANK[:3]], 8, 3, RANDOM, alike=False)
    assert {a.question_id for version in drawn.values() for a in version} == {"q0", "q1", "q2"}


def test_near_duplicates_never_meet_in_a_version_and_every_version_is_of_one_length() -> None:
    near = [replace(question(n), near="a" if n < 3 else "") for n in range(6)]
    assert most_on_paper(near) == 4
    for alike in (True, False):
        versions = make_versions(near, 6, 4, RANDOM, alike=alike).values()
        assert {len(version) for version in versions} == {4}
        assert all(sum(a.question_id in {"q0", "q1", "q2"} for a in version) == 1 for version in versions)


def test_right_and_wrong_stand_in_their_own_order_on_every_version() -> None:
    versions = make_versions([question(1, "true-false", 2)], 1, 8, RANDOM, alike=True)
    assert {version[0].keys for version in versions.values()} == {("a", "b")}


def test_versions_come_back_from_the_database_as_they_were_made() -> None:
    made = make_versions(BANK, 5, 4, RANDOM, alike=False)
    assert read_versions(written(made)) == made


LONG = make_versions(BANK, 10, 1, RANDOM, alike=True)
TEN = next(iter(LONG.values()))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ABCDABCDAB", "ABCDABCDAB"),
        ("abcdabcdab", "ABCDABCDAB"),
        ("1234123412", "ABCDABCDAB"),
        ("abcd-bcda.", "ABCD-BCDA-"),
        ("12340 2341", "ABCD--BCDA"),
        ("abcda bcdab", "ABCDABCDAB"),
        (" abcdabcdab ", "ABCDABCDAB"),
        ("abcdabcda ", "ABCDABCDA-"),
        ("\uff21\uff22\uff23\uff24ABCDAB", "ABCDABCDAB"),
        ("----------", "----------"),
        ("abcd–bcdab", "ABCD-BCDAB"),
    ],
)
def test_letters_are_read_in_every_way_people_type_them(typed: str, read: str) -> None:
    assert read_letters(typed, TEN) == read


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("ABCDABCDA", "đã gõ 9"),
        ("ABCDABCDABC", "đã gõ 11"),
        ("", "đã gõ 0"),
        ("ABCDEBCDAB", "Câu 5 chỉ có A, B, C, D, không có “E”."),
        ("ABCD5BCDAB", "không có “5”"),
        # What Telex makes of AABCDABCDA, ACABCDABCD and DDABCABCDA: never guessed.
        ("ÂBCDABCDA", "Bộ gõ tiếng Việt"),
        ("ÂCBCDABCDA", "Bộ gõ tiếng Việt"),
        ("ĐABCABCDA", "Bộ gõ tiếng Việt"),
    ],
)
def test_letters_that_cannot_be_are_told_with_the_cure(typed: str, told: str) -> None:
    with pytest.raises(TypedSlip, match=told.replace("?", r"\?")):
        read_letters(typed, TEN)


def test_a_letter_that_a_question_does_not_have_is_told_by_its_number() -> None:
    version = next(iter(VERSIONS.values()))
    place = next(n for n, asked in enumerate(version) if asked.letters == "AB")
    typed = "".join("C" if n == place else "D" for n in range(2))
    with pytest.raises(TypedSlip, match=f"Câu {place + 1} chỉ có A, B, không có “C”"):
        read_letters(typed, version)


def test_every_single_wrong_digit_and_every_swap_in_a_code_is_noticed() -> None:
    versions = make_versions(BANK, 3, 8, RANDOM, alike=True)
    for code in versions:
        slips = {code[:i] + d + code[i + 1 :] for i in range(4) for d in "0123456789"} - {code}
        slips |= {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(3)} - {code}
        for slip in slips:
            with pytest.raises(TypedSlip, match="một số gõ sai"):
                read_code(slip, versions)


def test_codes_are_told_by_what_is_wrong_with_them() -> None:
    digits = next(
        d + check_digit(d) for n in range(100, 1000) if (d := str(n)) + check_digit(d) not in VERSIONS
    )
    for typed, told in (
        ("", "Chưa gõ mã đề"),
        ("48", "đã gõ 2"),
        ("48a1", "chỉ có số"),
        (digits, "Bài này không có mã đề"),
    ):
        with pytest.raises(TypedSlip, match=told):
            read_code(typed, VERSIONS)
    code = next(iter(VERSIONS))
    assert read_code(f" {code[:2]} {code[2:]} ", VERSIONS) == code
    assert read_code("", LONG) == next(iter(LONG)), "a test of one version asks for no code"


def test_letters_become_the_keys_of_their_own_version_and_a_blank_none() -> None:
    for version in make_versions(BANK, 6, 3, RANDOM, alike=True).values():
        assert chosen_keys("ABCD-A", version) == (
            version[0].keys[0],
            version[1].keys[1],
            version[2].keys[2],
            version[3].keys[3],
            None,
            version[5].keys[0],
        )


def test_two_entries_are_compared_place_by_place_and_settled_by_the_paper() -> None:
    versions = make_versions(BANK, 4, 2, RANDOM, alike=True)
    one, other = versions
    first, second = Sheet(one, "ABCD"), Sheet(other, "AB-D")
    slips = compare(first, second, versions)
    assert [(s.position, s.first, s.second) for s in slips] == [(0, one, other), (3, "C", "-")]
    assert slips[0].options == (one, other)
    assert slips[1].options == ("A", "B", "C", "D", "-")
    assert settled(first, {0: other, 3: "D"}) == settled(second, {0: other, 3: "D"}) == Sheet(other, "ABDD")
    assert compare(first, first, versions) == ()
