"""Static files: read once, compressed once, named by their hash, kept by browsers for ever."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import brotli
from flask import Blueprint, Flask, Response, abort, current_app, request

from lms.web.access import everyone

FOLDER = Path(__file__).resolve().parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"
TEXT = {".css", ".js", ".svg"}
# Comments and indentation are for readers of the source, not of the wire.
PACKING = {
    ".css": re.compile(rb"/\*.*?\*/\n?|(?<=[\n;{,])\s+", re.DOTALL),
    ".js": re.compile(rb"^\s+(?://.*\n)?", re.MULTILINE),
}
blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """A static file and its compressed forms."""

    media_type: str
    plain: bytes
    zipped: bytes | None
    brotli: bytes | None


class Assets:
    """Every static file of the product, in memory; style sheets name the files they use by hash too."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the folder."""
        self._hashed: dict[str, str] = {}
        self._files: dict[str, Asset] = {}
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in sorted(found, key=lambda path: path.suffix == ".css"):
            self._add(path.relative_to(folder).as_posix(), path.read_bytes())

    def _add(self, name: str, body: bytes) -> None:
        if name.endswith(".css"):
            for other, hashed in self._hashed.items():
                body = body.replace(f"../{other}".encode(), f"../{hashed}".encode())
        body = PACKING[Path(name).suffix].sub(b"", body) if Path(name).suffix in PACKING else body
        tag = hashlib.sha256(body).hexdigest()[:12]
        stem, dot, ending = name.rpartition(".")
        hashed = f"{stem}.{tag}.{ending}" if dot else f"{name}.{tag}"
        packs = Path(name).suffix in TEXT
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if name.endswith(".woff2"):
            media_type = "font/woff2"
        self._hashed[name] = hashed
        self._files[hashed] = Asset(
            media_type=f"{media_type}; charset=utf-8" if packs else media_type,
            plain=body,
            zipped=gzip.compress(body, 9, mtime=0) if packs else None,
            brotli=brotli.compress(body, quality=11) if packs else None,
        )

    def address(self, name: str) -> str:
        """Return the address of a file. Raises KeyError for one that does not exist."""
        return f"/static/{self._hashed[name]}"

    def file(self, hashed: str) -> Asset | None:
        """Return the file with this hashed name, or None."""
        return self._files.get(hashed)


def install(app: Flask) -> None:
    """Serve the static files and give templates `asset(name)`."""
    assets = Assets()
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.address
    app.register_blueprint(blueprint)


@blueprint.get("/static/<path:name>")
@everyone
def static_file(name: str) -> Response:
    """Send a static file as stored."""
    asset = cast(Assets, current_app.extensions["assets"]).file(name)
    if asset is None:
        abort(404)
    accepted = request.headers.get("Accept-Encoding", "")
    # The name changes with the bytes, so there is nothing to ask again and no tag to ask with.
    headers = {"Cache-Control": FOREVER}
    if asset.media_type.startswith("image/svg"):
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if asset.brotli is not None:
        headers["Vary"] = "Accept-Encoding"
    if asset.brotli is not None and "br" in accepted:
        return Response(
            asset.brotli, headers=headers | {"Content-Encoding": "br"}, content_type=asset.media_type
        )
    if asset.zipped is not None and "gzip" in accepted:
        return Response(
            asset.zipped, headers=headers | {"Content-Encoding": "gzip"}, content_type=asset.media_type
        )
    return Response(asset.plain, headers=headers, content_type=asset.media_type)


@blueprint.get("/favicon.ico")
@everyone
def favicon() -> Response:
    """Send the site's mark to browsers that ask at the old address."""
    assets = cast(Assets, current_app.extensions["assets"])
    found = assets.file(assets.address("img/favicon.svg").removeprefix("/static/"))
    if found is None:
        abort(404)
    return Response(found.plain, headers={"Cache-Control": FOREVER}, content_type=found.media_type)
