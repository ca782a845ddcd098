"""What a person does on the screens, one step a function."""

import re

from tests.browser_double import HOUSE, Reader

LESSON = "/khoa-hoc/lam-quen/chu-to/mo-cai-dat"
CHECK = "/khoa-hoc/lam-quen/chu-de/{}/kiem-tra"


def keep_name(reader: Reader, name: str, whose: str | None = None, *, status: int = 303) -> str:
    """Put a name to the results of this browser; return the new household's code, or nothing."""
    data = {"ho_ten": name} | ({"cua_ai": whose} if whose else {})
    response = reader.post("/nguoi-hoc/them", data, status)
    return shown_code(reader) if response.headers.get("Location") == "/nguoi-hoc/ma" else ""


def shown_code(reader: Reader) -> str:
    """Return the code that /nguoi-hoc/ma shows."""
    found = re.search(r'class="big-code">\s*([\d ]+?)\s*<', reader.get("/nguoi-hoc/ma").text)
    assert found
    return found[1].replace(" ", "")


def address_of_check(reader: Reader, module: str = "man-hinh") -> str:
    """Start the check of a chủ đề and return the address of its next question."""
    started = reader.post(CHECK.format(module))
    led = reader.get(started.headers["Location"], 302)
    return str(led.headers["Location"])


def answer_page(reader: Reader, address: str, chosen: str) -> str:
    """Answer the question at an address; return where the reply leads."""
    return str(reader.post(address, {"chon": chosen}).headers["Location"])


def fields(reader: Reader) -> dict[str, str]:
    """Return what stands in the fields of the last page, by name."""
    assert reader.page is not None
    return {
        field.get("name", ""): field.get("value", "")
        for field in reader.page.iter(f"{HOUSE}input")
        if field.get("type") not in {"hidden", "radio", "checkbox"} and field.get("name")
    }


def faults(reader: Reader) -> dict[str, str]:
    """Return the sentences of the error summary of the last page, by the field each leads to."""
    assert reader.page is not None
    box = next((e for e in reader.page.iter() if e.get("role") == "alert"), None)
    if box is None:
        return {}
    links = box.iter(f"{HOUSE}a")
    return {link.get("href", "").removeprefix("#"): "".join(link.itertext()) for link in links}
