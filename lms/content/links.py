"""Links and pictures: every one leads somewhere, and every picture has its words."""

from pathlib import Path

from lms.content.head import Document
from lms.content.lessons import sections
from lms.content.pictures import NAME
from lms.content.problems import Problems, nearest
from lms.content.prose import LINK, PICTURE, outside_fences, without_code
from lms.content.shelf import Reading
from lms.markup import ALLOWED_HOSTS, is_allowed_address

OWN_PAGES = (
    "/",
    "/hoc-ngay",
    "/khoa-hoc",
    "/co-that-khong",
    "/tro-giup",
    "/tra-cuu",
    "/tim",
    "/du-lieu",
    "/nguoi-hoc",
    "/tuy-chon",
)


def report(reading: Reading, problems: Problems) -> None:
    """Report links that lead nowhere or outside, and pictures missing or without words."""
    pages = addresses(reading)
    for document in reading.documents.values():
        for number, raw in outside_fences(document.numbered_body()):
            text = without_code(raw)
            if "](" not in text:
                continue
            for words, address, rest in PICTURE.findall(text):
                _report_picture(reading, document, number, (words, address, rest), problems)
            for words, address, rest in LINK.findall(PICTURE.sub("", text)):
                _report_link(document.file, number, (words, address, rest), pages, problems)


def addresses(reading: Reading) -> dict[str, frozenset[str]]:
    """Return every own address a text may link to, with the anchors it has."""
    pages: dict[str, frozenset[str]] = dict.fromkeys(OWN_PAGES, frozenset())
    for page in reading.library.pages:
        parts = sections(reading.documents[page.file], Problems())
        pages[f"/{page.slug}"] = frozenset(part.id for part in parts if part.id)
    for course in reading.library.courses:
        base = f"/khoa-hoc/{course.slug}"
        pages[base] = frozenset()
        for module in course.modules:
            pages[f"{base}/chu-de/{module.slug}"] = frozenset()
            for lesson in module.lessons:
                pages[f"{base}/{lesson.slug}"] = frozenset()
                pages |= {f"{base}/{lesson.slug}/{step.id}": frozenset() for step in lesson.steps}
    return pages


def _report_link(
    file: Path,
    line: int,
    link: tuple[str, str, str],
    pages: dict[str, frozenset[str]],
    problems: Problems,
) -> None:
    words, address, rest = link
    if not words.strip():
        problems.add(file, line, "Liên kết chưa có chữ để bấm. Viết chữ trong ngoặc vuông.")
    elif rest.strip():
        problems.add(file, line, "Trong ngoặc tròn của liên kết chỉ để địa chỉ. Xóa phần còn lại.")
    elif address.startswith("/") and not address.startswith("//"):
        _report_own(file, line, address, pages, problems)
    elif not address or not is_allowed_address(address) or address.startswith("#"):
        problems.add(file, line, _not_allowed(address))


def _report_own(
    file: Path, line: int, address: str, pages: dict[str, frozenset[str]], problems: Problems
) -> None:
    page, _, anchor = address.partition("#")
    if page not in pages:
        hint = nearest(page, list(pages))
        problems.add(file, line, f"Không có trang “{page}”. {hint}Sửa địa chỉ trong liên kết.")
    elif anchor and anchor not in pages[page]:
        hint = nearest(anchor, list(pages[page]))
        problems.add(file, line, f"Trang “{page}” không có mục “{anchor}”. {hint}Sửa phần sau dấu #.")


def _not_allowed(address: str) -> str:
    hosts = ", ".join(sorted(f"https://{host}" for host in ALLOWED_HOSTS))
    return (
        f"Liên kết tới “{address[:60]}” không được dùng. "
        f"Chỉ dẫn tới trang của mình (như /bi-lua) hoặc {hosts}."
    )


def _report_picture(
    reading: Reading,
    document: Document,
    line: int,
    picture: tuple[str, str, str],
    problems: Problems,
) -> None:
    words, name, rest = picture
    if not words.strip():
        problems.add(
            document.file, line, "Hình chưa có lời tả. Viết trong ngoặc vuông điều nhìn thấy trong hình."
        )
    folder = reading.picture_folder(document.file)
    if rest.strip():
        problems.add(document.file, line, "Trong ngoặc tròn của hình chỉ để tên tệp. Xóa phần còn lại.")
    elif not NAME.fullmatch(name):
        problems.add(document.file, line, f"Tên hình “{name[:60]}” chưa đúng. Viết dạng hinh/ten-hinh.svg")
    elif folder and not (reading.root / folder / name).is_file():
        known = [f"hinh/{path.name}" for path in sorted((reading.root / folder / "hinh").glob("*.svg"))]
        place = "bên cạnh bài" if folder == document.file.parent else f"trong {folder.as_posix()}"
        problems.add(
            document.file,
            line,
            f"Không thấy tệp “{name}” {place}. {nearest(name, known)}Thêm tệp, hoặc sửa tên.",
        )
