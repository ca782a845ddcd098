"""The goals: what is compared with what, and the bound. Numbers as in the issue and docs/do-luong.md."""

from dataclasses import dataclass
from statistics import median

Pair = tuple[float, float]


@dataclass(frozen=True)
class Goal:
    """One line of the report.

    The ratio product ÷ limit is bounded from below or from above; `exact` goals bound the figure itself,
    and a goal without a bound is only told.
    """

    number: str
    words: str
    against: str
    bound: float | None
    at_least: bool = False
    exact: bool = False

    def holds(self, pair: Pair) -> bool:
        """Tell whether one round's figures keep within the bound."""
        if self.bound is None:
            return True
        figure = self.figure(pair)
        return figure >= self.bound if self.at_least else figure <= self.bound

    def figure(self, pair: Pair) -> float:
        """Return what is bounded: the ratio, or the exact figure."""
        product, limit = pair
        return product if self.exact else product / limit if limit else float("inf")


@dataclass(frozen=True)
class Verdict:
    """A goal with the figures of every round."""

    goal: Goal
    pairs: tuple[Pair, ...]

    @property
    def medians(self) -> Pair:
        """Return the median of the product's figures and that of the limit's."""
        return median(p for p, _ in self.pairs), median(limit for _, limit in self.pairs)

    @property
    def figure(self) -> float:
        """Return the median of the rounds' ratios, or of the exact figures."""
        return median(self.goal.figure(pair) for pair in self.pairs)

    @property
    def rounds_passed(self) -> int:
        """Return in how many rounds the bound was kept."""
        return sum(self.goal.holds(pair) for pair in self.pairs)

    @property
    def passes(self) -> bool:
        """Tell whether the median and 4 rounds of 5 keep the bound; what must be none, all rounds."""
        if self.goal.bound is None:
            return True
        rounds = len(self.pairs)
        needed = rounds if self.goal.bound == 0 else rounds * 4 // 5
        return self.goal.holds((self.figure, 1)) and self.rounds_passed >= needed


def _ratio(number: str, words: str, against: str, bound: float, *, at_least: bool = False) -> Goal:
    return Goal(number, words, against, bound, at_least)


def _exact(number: str, words: str, bound: float) -> Goal:
    return Goal(number, words, "", bound, exact=True)


GOALS = {
    "answers": _ratio("1", "câu trả lời bền mỗi giây, 16 người", "đường mẫu", 0.40, at_least=True),
    "answers_raw": _ratio("1", "câu trả lời bền mỗi giây, 16 người", "commit FULL thô", 0.05, at_least=True),
    "answers_lost": _exact("1", "câu đã báo nhận mà mất hoặc thừa", 0),
    "p99": _ratio("2", "p99 của câu trả lời, 16 người (ms)", "p50 của chính nó", 3.0),
    "errors_64": _exact("2", "lỗi với 64 kết nối", 0),
    "p99_64": _ratio("2", "p99 với 64 kết nối (ms)", "64 / thông lượng", 2.5),
    "sql_answer": _exact("3", "lệnh SQL của một câu trả lời", 6),
    "commits_answer": _exact("3", "commit của một câu trả lời", 1),
    "sql_last": _exact("3", "lệnh SQL của câu cuối, đạt và ra phiếu", 14),
    "sql_lesson": _exact("3", "lệnh SQL của trang bài học", 3),
    "sql_sign_in": _exact("3", "lệnh SQL của đăng nhập", 4),
    "lesson": _ratio("4", "trang bài học mỗi giây, người đã có tên", "pageread mẫu", 0.60, at_least=True),
    "home": _ratio("5", "trang đầu mỗi giây, khách", "cached mẫu", 0.80, at_least=True),
    "guest_lesson": _ratio("5", "trang bài học mỗi giây, khách", "cached mẫu", 0.80, at_least=True),
    "sign_in_page": _ratio("5", "trang đăng nhập mỗi giây", "cached mẫu", 0.80, at_least=True),
    "look_up": _ratio(
        "5", "trang tra cứu phiếu mỗi giây (hỏi sổ mỗi lần)", "pageread mẫu", 0.60, at_least=True
    ),
    "not_304": _exact("5", "trang lưu sẵn không trả 304 khi chưa đổi", 0),
    "sign_in": _ratio("6", "đăng nhập (ms)", "một lần kiểm argon2id", 1.25),
    "sign_ins": _ratio("6", "đăng nhập mỗi giây, 8 người cùng lúc", "số lõi / argon2id", 0.85, at_least=True),
    "answers_beside": _ratio(
        "6", "câu trả lời mỗi giây khi 8 người đăng nhập", "lúc vắng", 0.40, at_least=True
    ),
    "p99_beside": _ratio("6", "p99 câu trả lời khi 8 người đăng nhập (ms)", "lúc vắng", 3.0),
    "sql_class": _exact("3", "lệnh SQL của trang lớp", 4),
    "class_growth": _ratio("7", "trang lớp 3.000 người (ms)", "trang lớp 30 người", 1.5),
    "class_300": _ratio("7", "trang lớp 300 người (ms)", "trang lớp 30 người", 1.5),
    "class_page": _ratio("7", "trang lớp 3.000 người (ms)", "pageread mẫu + 0,64 ms", 3.0),
    "class_kb": _exact("7", "trang lớp 3.000 người, đã nén (KB)", 20),
    "csv": _ratio("8", "dòng CSV mỗi giây, lớp 3.000 người", "csv + con trỏ", 0.35, at_least=True),
    "csv_mb": _exact("8", "CSV 3.000 người cần thêm bộ nhớ so với 30 (MB)", 30),
    "xlsx": _ratio("9", "XLSX 10.000 × 10 ô (giây)", "xlsxwriter trần", 1.25),
    "import": _ratio("10", "nạp danh sách 10.000 em (giây)", "csv + một commit FULL", 12),
    "import_mb": _exact("10", "nạp danh sách 10.000 em, bộ nhớ cao nhất (MB)", 130),
    "pdf_batch": _ratio("11", "100 phiếu có QR (giây)", "typst + segno trần", 1.4),
    "pdf_first": _exact("11", "phiếu đầu tiên của tiến trình (ms)", 100),
    "pdf_size": _exact("11", "phiếu nặng nhất (KB)", 30),
    "errors_200": _exact("2", "lỗi và câu mất với 200 người cùng lúc, SQLite", 0),
    "p99_200": _exact("2", "p99 với 200 người cùng lúc, SQLite, trên 200 / thông lượng", 2.5),
    "errors_200_pg": _exact("2", "lỗi và câu mất với 200 người cùng lúc, PostgreSQL", 0),
    "p99_200_pg": _exact("2", "p99 với 200 người cùng lúc, PostgreSQL, trên 200 / thông lượng", 2.5),
    "rate_200_pg": _ratio("1", "câu trả lời mỗi giây, 200 người, PostgreSQL", "SQLite", 0.5, at_least=True),
    "page": _ratio("12", "50 câu gửi một lần (ms)", "một câu", 3.0),
    "page_commits": _exact("12", "commit của 50 câu gửi một lần", 1),
    "page_again": _exact("12", "câu trả lời thêm ra khi gửi lại", 0),
    "draw": _exact("đề", "bốc đề 10 câu từ 500 (ms)", 5),
    "draw_bare": Goal("đề", "bốc đề 10 câu từ 500 (ms)", "xáo 500 rồi lấy 10", None),
    "mark": Goal("chấm", "chấm một đề 10 câu (µs)", "tra khóa trong bảng", None),
    "regrade": _ratio("chấm", "chấm lại 100.000 bài (giây)", "đọc và ghi trần", 3.5),
    "items": _ratio("chấm", "phân tích 1.000.000 câu trả lời (giây)", "đọc trần", 2.0),
    "lesson_kb": _exact("14", "trang bài học, lần đầu (KB)", 60),
    "lesson_requests": _exact("14", "trang bài học, lần đầu (yêu cầu)", 8),
    "lesson_repeat_kb": _exact("14", "trang bài học, mở lại (KB)", 8),
    "lesson_lcp": _ratio("14", "LCP trang bài học, mạng yếu (ms)", "trang tĩnh 10 KB", 1.75),
    "question_kb": _exact("14", "trang câu hỏi, lần đầu (KB)", 60),
    "question_requests": _exact("14", "trang câu hỏi, lần đầu (yêu cầu)", 8),
    "question_repeat_kb": _exact("14", "trang câu hỏi, mở lại (KB)", 8),
    "question_lcp": _ratio("14", "LCP trang câu hỏi, mạng yếu (ms)", "trang tĩnh 10 KB", 1.75),
    "start": _ratio("15", "từ lúc bật đến trang đầu tiên (giây)", "chỉ nạp thư viện", 1.7),
    "idle": _ratio("15", "bộ nhớ lúc rảnh, 2 tiến trình (MB PSS)", "đường mẫu", 1.2),
    "peak": _ratio("15", "bộ nhớ lúc bận nhất (MB PSS)", "lúc rảnh", 1.6),
    "question": Goal("–", "trang câu hỏi kiểm tra mỗi giây", "pageread mẫu", None),
    "home_known": Goal("–", "trang đầu mỗi giây, người đã học", "pageread mẫu", None),
    "content": Goal("–", "kiểm, dựng và đồng bộ nội dung (giây)", "", None, exact=True),
    "client": Goal("–", "máy phát tải dùng bao nhiêu của một lõi", "", None, exact=True),
}
