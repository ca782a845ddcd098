"""A small library whose bank holds one question of each kind: the examples of the authors' guide."""

import re
from pathlib import Path

from lms.content import ids
from lms.content.problems import Problems
from lms.content.reading import read

GUIDE = Path(__file__).resolve().parents[1] / "quizzes" / "README.md"
LESSON = "goi-lai-so-da-luu"
MODULE = "goi-lai"
BANK = "quizzes/goi-an-toan/goi-lai.md"
_BANK_HEAD = "title: Bài kiểm tra: gọi lại\nid: kt-goi-lai\nmodule: goi-lai\n"
_BLOCK = re.compile(r"^```markdown\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 80" width="160" height="80">
<title>Tin nhắn có sáu ô số</title>
<rect x="8" y="8" width="144" height="64" rx="12" fill="none" stroke="#0B5E57" stroke-width="3"/>
<path d="M24 52h14M44 52h14M64 52h14M84 52h14M104 52h14M124 52h14" stroke="#17202A" stroke-width="4"/>
</svg>
"""


def blocks_of_the_guide() -> list[str]:
    """Return the examples that authors copy, each a bank or a question."""
    return [found[1] for found in _BLOCK.finditer(GUIDE.read_text(encoding="utf-8"))]


def questions_of_the_guide() -> list[str]:
    """Return the Markdown of one question of each kind, single first."""
    found = []
    for block in blocks_of_the_guide():
        at = block.index("## ")
        found.append(block[at:].rstrip("\n") + "\n")
    return found


def library_of_kinds(folder: Path, head: str = "draw: 9\npass: 80\n") -> Path:
    """Write a content library into `folder` and return it: one course, module and lesson, one bank.

    The bank has one question of each kind, for practice and for the check; `head` says how the check is
    held. A check asks all but the open one: nine drawn, then the survey.
    """
    bank = "".join(f"\n{question}" for question in questions_of_the_guide())
    skills = sorted(set(re.findall(r"^skill: (.+)$", bank, re.MULTILINE)))
    pictures = sorted(set(re.findall(r"\((hinh/[a-z0-9-]+\.svg)\)", bank)))
    course = "courses/goi-an-toan"
    files = {
        "courses/skills.toml": "".join(
            f'[skill.{s}]\ntitle = "Làm được {s}"\nframeworks = []\n' for s in skills
        ),
        "courses/facts.toml": "",
        f"{course}/khoa.md": _COURSE,
        f"{course}/01-goi-lai/chu-de.md": _MODULE.format(skills=", ".join(skills)),
        f"{course}/01-goi-lai/01-goi-lai.md": _LESSON.format(skills=", ".join(skills)),
        BANK: f"{_BANK_HEAD}{head}{bank}",
    }
    files |= {f"{course}/01-goi-lai/{name}": _PICTURE for name in pictures}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    ids.update_register(read(folder, Problems()))
    return folder


_COURSE = """title: Gọi điện an toàn
id: goi-an-toan
slug: goi-an-toan
order: 1
edition: 1
audiences: citizen, parent, student
summary: Nghe cuộc gọi lạ mà không mất tiền

Một chủ đề ngắn, một bài.
"""
_MODULE = """title: Gọi lại số đã lưu
id: goi-lai
slug: goi-lai
goal: Tự gọi lại số đã lưu khi có số lạ
audiences: citizen, parent, student
skills: {skills}
required: yes

Số đã lưu là số chắc chắn nhất.
"""
_LESSON = """title: Gọi lại bằng số đã lưu
id: goi-lai-so-da-luu
slug: goi-lai-so-da-luu
goal: Tự gọi lại cho người nhà bằng số trong danh bạ
minutes: 5
skills: {skills}
audiences: citizen, parent, student
required: yes

Có số lạ xưng là người nhà. Chưa biết thật hay giả thì gọi lại số đã lưu.

## Tắt cuộc gọi lạ {{#tat-may}}

Bấm nút đỏ. Không cần chào.

## Gọi số đã lưu {{#goi-lai}}

Mở danh bạ. Bấm vào tên người nhà rồi bấm gọi.

> Hôm nay nhớ một điều: **số lạ thì tắt, gọi lại số đã lưu.**
"""
