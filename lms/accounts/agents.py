"""Which browser on which kind of machine, in the words of its owner."""

BROWSERS = (
    ("zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Trình duyệt Samsung"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
MACHINES = (
    ("windows", "Windows"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("cros", "Chromebook"),
    ("mac os", "máy Mac"),
    ("linux", "Linux"),
)
"""Looked for in this order: most browsers name their forebears too."""


def agent_words(said: str) -> str:
    """Return words for what a browser says it is, such as “Chrome trên Windows”; nothing else is kept."""
    heard = said.casefold()
    browser = next((words for sign, words in BROWSERS if sign in heard), "Trình duyệt")
    machine = next((words for sign, words in MACHINES if sign in heard), "máy chưa rõ loại")
    return f"{browser} trên {machine}"
