"""The table of planted faults of the kinds: one edit of the guide's bank, and the one problem it gives."""

from content_faults import Fault

from tests.kinds import BANK

PICTURE_LINE = "![Tin nhắn trên điện thoại, trong tin có sáu ô số](hinh/tin-nhan-ma.svg)\n"


def _fault(name: str, old: str, new: str, words: str, offset: int = 0, line: int = 0) -> Fault:
    return Fault(name, BANK, old, new, words, offset, (BANK, line) if line else None)


# fmt: off
FAULTS = [
    # Head
    _fault("tries that are no number", "pass: 80", "pass: 80\ntries: ba", "số từ 0 đến 20", 1),
    _fault("a wait without end", "pass: 80", "pass: 80\nwait: 99999", "số từ 0 đến 10080", 1),
    _fault("counts of another word", "pass: 80", "pass: 80\ncounts: lates", "Có phải “latest”", 1),
    _fault("a draw that only an open question would fill", "draw: 9", "draw: 10",
           "chỉ có 9 câu dùng để kiểm tra (không kể câu open, survey)"),
    _fault("near groups that leave too few", "kind: multiple\n", "kind: multiple\nnear: hoi-ma-otp\n",
           "chỉ xếp được 8 câu", line=4),
    # Metas
    _fault("an unknown kind", "kind: multiple", "kind: multiples", "Có phải “multiple”"),
    _fault("a kind written twice", "kind: survey", "kind: survey\nkind: survey", "viết hai lần", 1),
    _fault("an unknown credit", "credit: proportional", "credit: half", "exact, proportional, penalised"),
    _fault("a credit that the kind has not", "kind: matrix\n", "kind: matrix\ncredit: penalised\n",
           "chỉ nhận proportional, exact", 1),
    _fault("a credit where one answer is right", "kind: true-false\n", "kind: true-false\ncredit: exact\n",
           "không dùng mục “credit”", 1),
    _fault("an extra of another kind", "kind: number\n", "kind: number\nnames: đồng\n",
           "không dùng mục “names”", 1),
    _fault("an empty hint", "hint: Chữ đầu tiên là chữ O.", "hint:", "để trống"),
    _fault("four hints", "hint: Chữ đầu tiên là chữ O.\n", "hint: Một.\nhint: Hai.\nhint: Ba.\n",
           "có 4 gợi ý", 2),
    _fault("a near that is no id", "near: hoi-ma-otp", "near: Hỏi mã", "chưa đúng dạng"),
    _fault("plain-letters of another word", "plain-letters: yes", "plain-letters: có", "yes, no"),
    _fault("a name written twice", "names: OTP", "names: OTP, OTP", "viết hai lần"),
    _fault("a name that no accepted answer has", "names: OTP", "names: Otp",
           "không có trong lời nào được nhận"),
    _fault("a tolerance that is no number", "unit: đồng", "unit: đồng\ntolerance: ít", "số không âm", 1),
    _fault("a tolerance below zero", "unit: đồng", "unit: đồng\ntolerance: -5", "số không âm", 1),
    _fault("a unit with a number", "unit: đồng", "unit: 1000 đồng", "Bỏ chữ số"),
    # Pictures
    _fault("two pictures", PICTURE_LINE, PICTURE_LINE * 2, "chỉ một hình", 1),
    _fault("a picture among the choices", "- [ ] c) 15.000.000", PICTURE_LINE + "- [ ] c) 15.000.000",
           "ngay dưới thông tin"),
    _fault("a picture in a feedback", "Lộ một nơi là", "![Hình](hinh/tin-nhan-ma.svg) Lộ một nơi là",
           "Hình phải đứng riêng"),
    # Lines of every kind
    _fault("a mark of another kind", "- [x] c) Lấy một câu", "- [1] c) Lấy một câu", "Dấu “[1]” không dùng"),
    _fault("no space in the brackets", "- [ ] a) Buổi sáng", "- [] a) Buổi sáng", "Dấu “[]” không dùng"),
    _fault("a key written twice", "- [3] a) Đến công an", "- [3] d) Đến công an", "dùng hai lần", 3),
    _fault("two choices with the same words", "- [ ] d) Dùng lại mật khẩu của nơi khác",
           "- [ ] d) lấy ngày sinh của  cháu cho dễ nhớ.", "cùng chữ với dòng b)"),
    _fault("a missing feedback of multiple", "      Lộ một nơi là lộ cả hai nơi.\n", "",
           "thiếu lời giải thích", -1),
    _fault("a missing feedback of text", "      Mật khẩu do mình tự đặt. Dãy số này ngân hàng mới gửi.\n", "",
           "thiếu lời giải thích", -1),
    _fault("unsure that does not stand last", "- [3] a) Đến công an xã trình báo\n",
           "- [?] g) Tôi chưa chắc\n- [3] a) Đến công an xã trình báo\n", "2 phương án [?]", -7),
    # Multiple, true-false
    _fault("every choice right", "- [ ] b) Lấy ngày sinh của cháu cho dễ nhớ\n"
           "      Ngày sinh thì nhiều người biết, dễ đoán ra.\n- [x] c) Lấy một câu dài chỉ mình hay nói\n"
           "      Đúng. Câu dài vừa khó đoán vừa dễ nhớ.\n- [ ] d)",
           "- [x] b) Ngày\n      Lạ.\n- [x] c) Câu\n      Dài.\n- [x] d)", "Thêm phương án", -10),
    _fault("no choice right", "- [x] a) Ghép bốn từ không liên quan với nhau\n"
           "      Đúng. Dài và lạ thì khó đoán.\n- [ ] b) Lấy ngày sinh của cháu cho dễ nhớ\n"
           "      Ngày sinh thì nhiều người biết, dễ đoán ra.\n- [x] c)",
           "- [ ] a) Từ\n      Dài.\n- [ ] b) Ngày\n      Lạ.\n- [ ] c)", "0 đáp án đúng [x]. Đánh", -8),
    _fault("true and false in other words", "- [ ] a) Đúng", "- [ ] a) Có", "“Đúng” và “Sai”", -8),
    _fault("true and false both", "- [ ] a) Đúng", "- [x] a) Đúng", "2 đáp án đúng", -8),
    # Typed
    _fault("nothing accepted", "- [x] a) 1.500.000", "- [ ] a) 1.500.000", "0 đáp án được nhận", -8),
    _fault("a number that is none", "- [ ] b) 150.000", "- [ ] b) rất nhiều", "Không đọc được số"),
    _fault("one number twice", "- [ ] c) 15.000.000", "- [ ] c) 150000", "và dòng b) là một"),
    _fault("a wrong number that is accepted", "- [ ] c) 15.000.000", "- [ ] c) 1,5 triệu",
           "giống lời đúng a)"),
    _fault("a tolerance that takes a wrong number", "unit: đồng",
           "unit: đồng\ntolerance: 1.350.000", "Sai số rộng quá", 5),
    _fault("one accepted answer twice", "- [x] b) OTP", "- [x] b) Mã OTP.", "và dòng a) là một"),
    _fault("a wrong answer that is accepted", "- [ ] c) mật khẩu", "- [ ] c) ma otp", "giống lời đúng a)"),
    _fault("marks in what is compared", "- [x] b) OTP", "- [x] b) `OTP`", "chỉ viết chữ thường"),
    _fault("nothing but marks to compare", "- [ ] c) mật khẩu", "- [ ] c) …", "chỉ có dấu câu"),
    # Ordering, matching, matrix, spot, survey, open
    _fault("one place twice", "- [4] c) Kể", "- [3] c) Kể", "Chỗ [3] dùng hai lần"),
    _fault("a place that is skipped", "- [4] c) Kể", "- [5] c) Kể", "Các chỗ phải là [1] đến [4]", -9),
    _fault("a pair without its right side", "=> Bắt giấu", "", "phải có hai vế"),
    _fault("a right side too many that has a left one", "- [ ] e) => Hỏi thăm", "- [ ] e) Chào => Hỏi thăm",
           "vế phải thừa, không có vế trái"),
    _fault("a right side too many that is none", "=> Hỏi thăm", "=> bắt vội", "trùng với dòng a)"),
    _fault("two right sides that only look different", "phần quà” => Bắt vội", "phần quà” => Bắt vội.",
           "chỉ khác dòng a)"),
    _fault("two left sides that are one", "- [x] d) “Làm ngay kẻo mất phần quà”",
           "- [x] d) “Chuyện này đừng kể với con cháu”", "cùng chữ với dòng b)"),
    _fault("an unknown column", "- [k] c) Bấm", "- [h] c) Bấm", "Các cột của câu này: [n], [k]"),
    _fault("a column without key", "k) Không nên", "Không nên", "Cột “Không nên” chưa đúng dạng"),
    _fault("two columns with one key", "k) Không nên", "n) Không nên", "cùng chữ cái"),
    _fault("two columns with the same words", "k) Không nên", "k) nên làm", "Hai cột cùng chữ."),
    _fault("no columns", "columns: n) Nên làm | k) Không nên\n", "", "thiếu các cột", -6),
    _fault("every piece suspicious", "- [ ] a) Chào cô, cháu giao hàng đây ạ.\n"
           "      Lời chào bình thường. Chưa đủ để tin, cũng chưa đủ để ngờ.\n"
           "- [ ] b) Cô có gói hàng gửi từ quê lên.\n"
           "      Gói hàng thì có thể có thật. Hỏi người gửi là biết.\n", "", "Mọi đoạn đều đáng ngờ", -8),
    _fault("a right answer in a survey", "- [ ] a) Buổi sáng", "- [x] a) Buổi sáng", "không có đáp án"),
    _fault("a criterion without points", "- [2] a) Khuyên", "- [ ] a) Khuyên", "số điểm của tiêu chí"),
]
"""Found by reading alone."""

CHECKED = [
    _fault("a picture that is missing", "hinh/tin-nhan-ma.svg", "hinh/tin-nhan-mat.svg",
           "Có phải “hinh/tin-nhan-ma.svg”"),
    _fault("a picture without words", "![Tin nhắn trên điện thoại, trong tin có sáu ô số]", "![]", "lời tả"),
    _fault("a long hint", "hint: Chữ đầu tiên là chữ O.", "hint: Chữ đầu tiên " + "của tên mã này " * 5 + ".",
           "Câu dài 23 tiếng"),
    _fault("a long column", "n) Nên làm", "n) " + "Nên làm ngay " * 7, "Câu dài 22 tiếng"),
    _fault("two questions nearly the same",
           "## Muốn chuyển một triệu rưỡi tiền học. Gõ số nào vào ô số tiền?",
           "## Muốn chuyển một triệu rưỡi tiền học. Gõ số nào vào ô số tiền? {#gl-lai-mot}\n"
           "skill: thanh-toan-an-toan\ndifficulty: 2\nuse: check\nkind: number\nunit: đồng\n\n"
           "- [x] a) 1.500.000\n      Đúng.\n- [?] d) Tôi chưa chắc\n      Không sao.\n\n> Đếm lại.\n\n"
           "## Gõ số nào khi muốn chuyển một triệu rưỡi tiền học?", "gần giống câu “gl-lai-mot”", 14),
]
"""Found by the whole check."""
# fmt: on
