"""What the supervisor tells its workers: where to listen, what to serve, how much to take."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

MIB = 1024 * 1024
# Exit code of a server, or a worker, that cannot start.
BAD_START = 2


class StartError(ValueError):
    """The server cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class ServeSettings:
    """The settings of one run of the server; sizes in bytes, times in seconds.

    `app_factory`, `slow` and `jobs` are written as "module:name". `app_factory` takes the Config and
    returns a WSGI application; `slow` takes a method and a path and tells whether the request goes to
    the slow lane; `jobs` is called in a process of its own ("" for none). Queues are per worker. Bodies
    sent to addresses that end with `upload_suffix` may have `upload_cap`, all others `body_cap`.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    app_factory: str = "lms.serve.site:open_site"
    slow: str = "lms.serve.lanes:is_slow"
    jobs: str = "lms.jobs:run_ticker"
    body_cap: int = MIB
    # A workbook of a whole school; its reader refuses more than 5 MiB in words of its own.
    upload_cap: int = 6 * MIB
    upload_suffix: str = "/nap"
    body_seconds: float = 15
    # hyper counts this time for an idle kept-alive connection as well.
    header_seconds: float = 15
    fast_queue: int = 1000
    slow_queue: int = 200
    stop_seconds: float = 6
    debug: bool = False

    def to_json(self) -> str:
        """Return the settings as text for the command line of a child."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ServeSettings":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


def named(reference: str) -> Callable[..., Any]:
    """Return the function written as "module:name"; raises StartError when there is none."""
    module, _, name = reference.partition(":")
    found = getattr(import_module(module), name, None)
    if not callable(found):
        raise StartError(f"Không có hàm “{name}” trong {module}.")
    return found  # type: ignore[no-any-return]
