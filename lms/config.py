"""Every setting of the product: its name, its default, the values allowed."""

import contextlib
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = Path(__file__).resolve().parent
BUNDLE = PACKAGE / "_bundle"
SECRET_BYTES = 32
KNOWN = {
    "DATABASE_URL",
    "LMS_CONTENT_ROOT",
    "LMS_DATA",
    "LMS_PUBLIC_URL",
    "LMS_REQUIRE_REVIEW",
    "LMS_SITE_ADDRESS",
    "LMS_SITE_NAME",
    "LMS_SITE_PHONE",
    "LMS_TRUSTED_PROXIES",
    "LMS_WORKERS",
}


class ConfigError(ValueError):
    """A setting has a value that is not allowed; the message says which and what is."""


@dataclass(frozen=True)
class Config:
    """The settings of one installation, checked."""

    data: Path
    database_url: str
    content_root: Path
    site_name: str = "Trang học thử"
    site_phone: str = ""
    site_address: str = ""
    public_url: str = ""
    require_review: bool = False
    trusted_proxies: int = 0
    workers: int = 2
    secret: bytes = field(default=b"", repr=False)

    @property
    def is_https(self) -> bool:
        """Tell whether visitors come by https, so that cookies can be `Secure`."""
        return self.public_url.startswith("https://")

    @property
    def designs(self) -> Path:
        """Return the folder of the certificate designs: the product's, unless the content brings its own."""
        own = self.content_root / "certificates"
        return own if own.is_dir() else _product_root() / "certificates"

    @property
    def templates(self) -> Path:
        """Return the folder of the screens: the product's, unless the content brings its own."""
        own = self.content_root / "templates"
        return own if own.is_dir() else _product_root() / "templates"


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings from `lms.toml` in the data folder, then the environment.

    Makes the data folder and its secret the first time. Raises ConfigError for an odd value.
    """
    env = dict(os.environ if environ is None else environ)
    data = Path(env.get("LMS_DATA") or "data").resolve()
    values = _from_file(data / "lms.toml") | {k: v for k, v in env.items() if k in KNOWN and v}
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Config(
        data=data,
        database_url=_database_url(values.get("DATABASE_URL", ""), data),
        content_root=_content_root(values.get("LMS_CONTENT_ROOT", "")),
        site_name=values.get("LMS_SITE_NAME", Config.site_name),
        site_phone=values.get("LMS_SITE_PHONE", ""),
        site_address=values.get("LMS_SITE_ADDRESS", ""),
        public_url=_public_url(values.get("LMS_PUBLIC_URL", "")),
        require_review=_yes_no("LMS_REQUIRE_REVIEW", values.get("LMS_REQUIRE_REVIEW", "no")),
        trusted_proxies=_whole("LMS_TRUSTED_PROXIES", values.get("LMS_TRUSTED_PROXIES", "0"), 0, 5),
        workers=_whole("LMS_WORKERS", values.get("LMS_WORKERS", str(os.cpu_count() or 2)), 1, 64),
        secret=_secret(data / "secret.key"),
    )


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: không đọc được ({error}). Sửa lại tệp rồi chạy lại.") from None
    for name in table:
        if name not in KNOWN - {"LMS_DATA"}:
            allowed = ", ".join(sorted(KNOWN - {"LMS_DATA"}))
            raise ConfigError(f"{path.name}: không có mục “{name}”. Các mục được dùng: {allowed}.")
    return {name: str(value) for name, value in table.items()}


def _database_url(value: str, data: Path) -> str:
    if not value:
        return f"sqlite:///{data / 'lms.db'}"
    for short in ("postgresql://", "postgres://"):
        if value.startswith(short):
            return "postgresql+psycopg://" + value.removeprefix(short)
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise ConfigError("DATABASE_URL: chỉ nhận sqlite:///đường-dẫn hoặc postgresql://…")


def _product_root() -> Path:
    return BUNDLE if BUNDLE.is_dir() else PACKAGE.parent


def _content_root(value: str) -> Path:
    root = Path(value).resolve() if value else _product_root()
    if not (root / "courses").is_dir():
        raise ConfigError(f"LMS_CONTENT_ROOT: không thấy thư mục courses trong {root}.")
    return root


def _public_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
        raise ConfigError("LMS_PUBLIC_URL: viết như https://hoc.truong.edu.vn, không có đường dẫn phía sau.")
    return f"{parts.scheme}://{parts.netloc}"


def _yes_no(name: str, value: str) -> bool:
    if value not in {"yes", "no"}:
        raise ConfigError(f"{name}: “{value}” không dùng được. Chỉ nhận yes hoặc no.")
    return value == "yes"


def _whole(name: str, value: str, low: int, high: int) -> int:
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ConfigError(f"{name}: “{value}” không dùng được. Chỉ nhận số nguyên từ {low} đến {high}.")
    return int(value)


def _secret(path: Path) -> bytes:
    """Read the installation's secret; make it, whole or not at all, where there is no database yet.

    Codes of households and sessions are kept under it, so a new one in its place opens none of them.
    """
    if not path.exists():
        if (path.parent / "lms.db").exists():
            raise ConfigError(
                f"Mất tệp {path.name} trong khi đã có dữ liệu. Chép lại tệp này từ bản sao lưu: "
                "tạo khóa mới thì mã của mọi nhà đều hết dùng được."
            )
        _make_secret(path)
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise ConfigError(f"Tệp {path.name} bị hỏng (quá ngắn). Chép lại tệp này từ bản sao lưu.")
    return secret


def _make_secret(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    # Of two processes that start at once the first one's secret stays.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
