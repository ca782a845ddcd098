"""What a heading over a column means: the spellings schools use, told apart after folding."""

import re

from lms.vietnamese import fold, nfc

PUPIL_FIELDS = {
    "full_name": "Họ và tên",
    "family_name": "Họ và tên đệm (khi tên ở cột riêng)",
    "given_name": "Tên (khi họ và đệm ở cột riêng)",
    "born_on": "Ngày sinh",
    "class_name": "Lớp",
    "sector_code": "Mã định danh Bộ GD&ĐT",
    "sort_name": "Tên dùng để xếp",
    "status": "Trạng thái",
    "mother_name": "Họ tên mẹ",
    "mother_phone": "Số điện thoại mẹ",
    "father_name": "Họ tên bố",
    "father_phone": "Số điện thoại bố",
    "guardian_name": "Họ tên người giám hộ",
    "guardian_phone": "Số điện thoại người giám hộ",
    "guardian_relation": "Quan hệ với học sinh",
    "contact_phone": "Số điện thoại liên hệ",
}
"""The fields of a roster, in the words of the screen."""

STAFF_FIELDS = {
    "full_name": "Họ và tên",
    "family_name": "Họ và tên đệm (khi tên ở cột riêng)",
    "given_name": "Tên (khi họ và đệm ở cột riêng)",
    "position": "Vị trí việc làm",
    "position_group": "Nhóm chức vụ",
    "subject": "Môn dạy",
    "contact_phone": "Số điện thoại",
    "sector_code": "Mã định danh Bộ GD&ĐT",
    "status": "Trạng thái",
}
"""The fields of a list of staff, in the words of the screen."""

PRIVATE, NUMBER = "private", "number"
"""A column never taken, and the column of running numbers."""
WEAK_CODE = "sector_code?"
"""A code that may be the Ministry's or the school's own: its values decide."""

_ONE = (
    r"(hs|hoc sinh|hoc vien|hv|em|chau|be|tre|tre em|nguoi hoc"
    r"|giao vien|gv|can bo|cb|cb gv|cb gv nv|nhan vien|nhan su)"
)
_WHOSE = rf"( (cua )?(cac )?{_ONE})*"
_PHONE = re.compile(
    r"\b(sdt|so dt|so d t|dt|d t|dtdd|dtlh|so dtdd|dien thoai|d thoai|di dong|tel|phone|mobile|zalo|so may)\b"
)
_SHARED = re.compile(r"\b(lien he|lien lac|gia dinh|lh|nha)\b")
_PUPIL = re.compile(r"\b(hs|hoc sinh|em|chau|be)\b")
_GUARDIAN = re.compile(r"\b((nguoi )?(giam ho|do dau|nuoi duong|cham soc)|ngh)\b")
_PARENT = re.compile(r"\b(phu huynh|phhs|ph|cmhs)\b")
_NAME_ONLY = re.compile(r"^(ho|va|ten|dem|day|du|hs|hoc|sinh|thong|tin|cua|em|or|hoac| )*$")
_FATHER, _MOTHER, _ELDER = {"cha", "bố", "ba"}, {"mẹ", "má"}, {"ông", "bà"}

_PRIVATE = re.compile(
    r"\b(noi sinh|que|que quan|nguyen quan|nghe|nghe nghiep|cong viec|noi lam|don vi cong tac|co quan"
    r"|dia chi|ho khau|thuong tru|tam tru|cho o|noi o|thon|ban lang|ap|khom|khu pho|to dan pho|phuong|xa"
    r"|quan|huyen|tinh|thanh pho|quoc tich|cccd|cmnd|cmt|can cuoc|so dinh danh|dinh danh ca nhan|dd ca nhan"
    r"|ddcn|ho chieu|ngay cap|noi cap|vneid|dan toc|ton giao|khuyet tat|suc khoe|benh|benh tat|bhyt"
    r"|bao hiem|nhom mau|chieu cao|can nang|di ung|gioi tinh|ho ngheo|can ngheo|chinh sach"
    r"|mien giam|hoan canh|mo coi|email|e mail|mail|thu dien tu|facebook|tai khoan|ngan hang|mat khau)\b"
)
_CODE = re.compile(
    r"^(ma|so) (so )?dinh danh" + _WHOSE + r" ?(tren |do |cua |theo )?(bo|csdl|nganh|moet|so gd).*$"
)
_OWN_CODE = re.compile(rf"^(ma|so) (so )?dinh danh{_WHOSE}$|^ma (so )?{_ONE}$")
_PLAIN = (
    (NUMBER, r"(stt|tt|so tt|so thu tu|no|so)"),
    ("status", r"(trang thai|tinh trang)( hoc tap| hoc| lam viec| cong tac)?" + _WHOSE),
    ("sort_name", r"ten (dung )?(de )?(xep|sap xep|sap).*"),
    ("position_group", r"nhom (chuc vu|chuc danh|can bo|cb)|loai (can bo|cb)"),
    ("position", r"(vi tri|vi tri viec lam|chuc vu|chuc danh|vtvl|nhiem vu)( chinh| hien tai)?"),
    ("subject", r"(mon|mon hoc|day mon|cac mon|chuyen mon)( dang| giang| phu trach| chinh)*( day)?( chinh)?"),
    ("family_name", r"ho|ho dem|ho va dem|ho (va )?(ten )?(dem|lot|chu lot)" + _WHOSE),
    ("given_name", r"ten( goi)?" + _WHOSE),
    (
        "full_name",
        r"(ho (va )?ten|hoten|hovaten|ho (va )?(ten )?(dem|lot|chu lot) (va )?ten|full ?name|student name)"
        r"( day du| khai sinh)?" + _WHOSE,
    ),
    ("full_name", r"hoc sinh|hoc vien"),
    (
        "born_on",
        r"(ngay|ngay thang|ngay thang nam|nam) sinh"
        + _WHOSE
        + r"|sinh ngay.*|ntns|dob|date of birth|birthday",
    ),
    (
        "class_name",
        r"(ten |ma )?lop( hoc)?( \d{4} \d{4}| nam hoc.*| hien tai| hien nay| moi| dang hoc)?|class",
    ),
    ("guardian_relation", r"(moi )?quan he( voi| gia dinh)?" + _WHOSE),
)
_SPELLINGS = tuple((field, re.compile(rf"^(?:{pattern})$")) for field, pattern in _PLAIN)
_CODES_OF_SECTOR = re.compile(r"^ma (moet|csdl|bo)\b.*$")


def meaning(heading: str) -> str | None:
    """Return the field that a heading names, PRIVATE, NUMBER, WEAK_CODE, or None for what we do not know."""
    words = _plain_words(heading)
    if not words or len(words) > 120:
        return None
    if _CODE.match(words) or _CODES_OF_SECTOR.match(words):
        return "sector_code"
    if _OWN_CODE.match(words):
        return WEAK_CODE
    for field, pattern in _SPELLINGS:
        if pattern.match(words):
            return field
    if _PRIVATE.search(words):
        return PRIVATE
    return _of_people(heading, words)


def _of_people(heading: str, words: str) -> str | None:
    """Tell the columns about parents and telephones."""
    who = _who(heading, words)
    if _PHONE.search(words):
        if who is None and _PUPIL.search(words) and not _SHARED.search(words):
            return PRIVATE
        return f"{who}_phone" if who and who != "parent" else "contact_phone"
    if who is None:
        return None
    rest = _PARENT.sub(" ", _GUARDIAN.sub(" ", words))
    rest = re.sub(r"\b(cha|bo|ba|me|ma|ong)\b", " ", rest)
    if not _NAME_ONLY.match(rest):
        return PRIVATE
    return "guardian_name" if who == "parent" else f"{who}_name"


def _who(heading: str, words: str) -> str | None:
    toned = re.findall(r"[^\W\d_]+", nfc(heading).casefold())
    unmarked = nfc(heading).isascii()
    father = any(word in _FATHER or (unmarked and word == "bo") for word in toned)
    mother = any(word in _MOTHER or (unmarked and word == "me") for word in toned)
    if (father and mother) or _PARENT.search(words):
        return "parent"
    if father or mother:
        return "father" if father else "mother"
    if _GUARDIAN.search(words) or any(word in _ELDER for word in toned):
        return "guardian"
    return None


def _plain_words(heading: str) -> str:
    """Return a heading folded, without brackets and signs: `HỌ VÀ TÊN\\n(chữ in hoa)*` is `ho va ten`."""
    without = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", heading)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(without if without.strip() else heading)).split())
