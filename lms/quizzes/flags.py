"""What is wrong with a question, in plain words with the cure; nothing under 10 papers, nothing by chance.

Each limit is compared with the cautious end of what a figure may be, so few papers raise few alarms.
"""

from collections.abc import Iterator
from dataclasses import replace

from lms.quizzes.analysis import correlation_bounds, reliability_ceiling, share_bounds
from lms.quizzes.figures import BankFigures, Figures, Flag, Line, percent, signed

EASY, SURELY_EASY = 0.95, 0.85
HARD, SURELY_HARD = 0.30, 0.40
FLAT = 0.15
"""A correlation that is surely below this tells nobody apart."""
DEAD = 0.10
"""A wrong line that surely takes less than this share of the wrong answers does no work."""
PULLING = 0.10
"""A wrong line chosen by fewer papers than this share is not looked at for who chose it."""
UNSURE, BLANK = 0.25, 0.50
SHAKY = 0.50
"""A check whose reliability is surely below this may pass and fail the same people by chance."""


def flagged(figures: Figures) -> Figures:
    """Return the figures with what is to be looked at."""
    return replace(figures, flags=flags_of(figures))


def flagged_bank(figures: BankFigures) -> BankFigures:
    """Return the figures of a check with what is to be looked at."""
    return replace(figures, flags=bank_flags(figures))


def flags_of(figures: Figures) -> tuple[Flag, ...]:
    """Return what is to be looked at in a question, the question's own flags first."""
    if not figures.is_enough:
        return ()
    if figures.mean is None:
        return tuple(_left_out(figures))
    return (*_of_mean(figures), *_of_discrimination(figures), *_left_out(figures), *_of_lines(figures))


def bank_flags(figures: BankFigures) -> tuple[Flag, ...]:
    """Return what is to be looked at in a check as a whole."""
    value = figures.reliability
    if value is None or not figures.is_enough:
        return ()
    if reliability_ceiling(value, figures.length, figures.n) >= SHAKY:
        return ()
    told = f"Độ tin cậy {figures.reliability_name} chỉ {figures.reliability_words}"
    return (
        Flag(
            "shaky",
            f"{told}: làm lại một đề khác, nhiều người có thể đổi từ đạt sang chưa đạt. "
            "Rút nhiều câu hơn mỗi lần (draw), hoặc sửa các câu được nhắc.",
        ),
    )


def _of_mean(figures: Figures) -> Iterator[Flag]:
    mean = figures.mean or 0.0
    low, high = share_bounds(mean * figures.n, figures.n)
    if mean >= EASY and low >= SURELY_EASY:
        yield Flag(
            "easy",
            f"Quá dễ: trung bình được {percent(mean)} số điểm, nên câu này không cho biết ai đã học. "
            "Hỏi sát điều nhiều người hay nhầm, hoặc đổi thành câu luyện tập (use: practice).",
        )
    if mean <= HARD and high <= SURELY_HARD:
        yield Flag(
            "hard",
            f"Quá khó: trung bình chỉ được {percent(mean)} số điểm. "
            "Kiểm lại đáp án và xem bài học đã dạy điều này chưa; nếu đã đúng cả, viết câu hỏi rõ hơn.",
        )


def _of_discrimination(figures: Figures) -> Iterator[Flag]:
    value = figures.discrimination
    if value is None or not figures.has_discrimination:
        return
    _, high = correlation_bounds(value, figures.rested)
    low_mean, _ = share_bounds((figures.mean or 0.0) * figures.n, figures.n)
    if high < 0:
        yield Flag(
            "reversed",
            f"Người làm tốt các câu khác lại hay sai câu này (tương quan {signed(value)}). "
            "Có thể đáp án ghi nhầm hoặc câu đánh lừa: kiểm lại đáp án, nhờ một người làm thử và nói ra.",
        )
    # Where nearly everybody is right nobody can be told apart; that is said once, as too easy.
    elif high < FLAT and low_mean < SURELY_EASY:
        yield Flag(
            "flat",
            f"Người làm tốt và người làm chưa tốt được điểm câu này như nhau (tương quan {signed(value)}). "
            "Có thể câu chữ mơ hồ nên ai cũng đoán: viết lại cho chỉ một cách hiểu.",
        )


def _left_out(figures: Figures) -> Iterator[Flag]:
    if share_bounds(figures.unsure, figures.n)[0] > UNSURE:
        yield Flag(
            "unsure",
            f"Nhiều bài chọn “Tôi chưa chắc”: {figures.unsure} trong {figures.n}. "
            "Xem bài học đã dạy đủ điều này chưa, và câu hỏi có chữ nào khó hiểu.",
        )
    if share_bounds(figures.blank, figures.n)[0] > BLANK:
        yield Flag(
            "blank",
            f"Phần lớn bài bỏ trống câu này: {figures.blank} trong {figures.n}. "
            "Mở thử trên điện thoại và trên giấy xem có trả lời được không, và giờ làm bài có đủ không.",
        )


def _of_lines(figures: Figures) -> Iterator[Flag]:
    wrong = [line for line in figures.lines if line.rival]
    ahead = max((line for line in wrong if _is_ahead(line)), key=lambda line: line.ahead, default=None)
    if ahead:
        yield Flag("ahead", _ahead_words(ahead), ahead.key)
    pulling = max(
        (line for line in wrong if _pulls(line, figures)), key=lambda line: line.pull or 0.0, default=None
    )
    if pulling:
        yield Flag("pulls", _pulls_words(pulling), pulling.key)
    yield from (
        Flag("dead", _dead_words(line, figures), line.key) for line in wrong if _is_dead(line, figures)
    )


def _is_ahead(line: Line) -> bool:
    between = line.ahead + line.behind
    return share_bounds(line.ahead, between)[0] > 0.5 and between > 0


def _ahead_words(line: Line) -> str:
    return (
        f"Nhiều bài chọn {line.key}) (sai) hơn {line.rival}) (đúng): "
        f"{line.ahead} so với {line.behind}. "
        "Nếu đáp án ghi nhầm thì sửa đáp án; nếu không, đây là điều nhiều người hiểu lầm: "
        "dạy rõ hơn trong bài học."
    )


def _pulls_words(line: Line) -> str:
    return (
        f"Người làm tốt các câu khác hay chọn {line.key}) (tương quan {signed(line.pull or 0.0)}). "
        "Có thể nó cũng đúng: kiểm lại, rồi đổi đáp án hoặc viết lại cho sai hẳn."
    )


def _pulls(line: Line, figures: Figures) -> bool:
    if line.pull is None or not figures.has_discrimination or line.count < PULLING * figures.n:
        return False
    return correlation_bounds(line.pull, figures.rested)[0] > 0


def _is_dead(line: Line, figures: Figures) -> bool:
    if figures.kind not in {"single", "multiple"} or line.count > 1:
        return False
    return share_bounds(line.count, figures.wrong)[1] < DEAD


def _dead_words(line: Line, figures: Figures) -> str:
    chosen = "không bài nào" if not line.count else f"chỉ {line.count} bài"
    return (
        f"Trong {figures.wrong} bài chọn sai, {chosen} chọn {line.key}): phương án này không ai tin. "
        "Thay bằng điều nhiều người hay hiểu lầm, với một chữ cái mới."
    )
