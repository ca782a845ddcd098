"""A worker process: Granian's connections, our gateway, the application."""

import asyncio
import logging
import os
import resource
import signal
import sys
import traceback
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from lms import config
from lms.serve import leash
from lms.serve.gateway import Gateway
from lms.serve.settings import BAD_START, ServeSettings, StartError, named

CONNECTIONS = 4096
SPARE_FILES = 256
HEADER_BYTES = 64 * 1024
# Time for the kernel to take the last bytes of answers that were given.
FLUSH_SECONDS = 1


def main(settings: ServeSettings) -> int:
    """Serve until SIGTERM; returns BAD_START, with the reason on standard error, when it cannot start."""
    leash.hold()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        gateway = _gateway(settings)
    except (config.ConfigError, StartError) as error:
        sys.stderr.write(f"Cài đặt chưa đúng. {error}\n")
        return BAD_START
    except Exception as error:
        if settings.debug:
            traceback.print_exc()
        sys.stderr.write(
            f"Trang học không khởi động được: {error}. "
            "Chạy “lms doctor” để kiểm tra máy, hoặc “lms --debug serve” để xem chi tiết.\n"
        )
        return BAD_START
    asyncio.run(_serve(settings, gateway))
    return 0


def _gateway(settings: ServeSettings) -> Gateway:
    installation = config.load()
    application = named(settings.app_factory)(installation)
    return Gateway(application, settings, named(settings.slow), installation.trusted_proxies)


async def _serve(settings: ServeSettings, gateway: Gateway) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = _granian(settings, gateway)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        raise RuntimeError("the connections were closed from inside")
    server.stop()
    await _last_answers(serving, gateway, settings.stop_seconds)
    logging.shutdown()
    # Slow readers and the threads of the lanes must not hold up the end.
    os._exit(0)


async def _last_answers(serving: "asyncio.Task[None]", gateway: Gateway, seconds: float) -> None:
    """Wait until every connection ended, or every request is answered and its bytes are out."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while gateway.under_way and loop.time() < end:
        await asyncio.wait({serving}, timeout=0.05)
    await asyncio.wait({serving}, timeout=min(FLUSH_SECONDS, max(0, end - loop.time())))


def _granian(settings: ServeSettings, gateway: Gateway) -> Any:
    return Server(
        gateway,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=2048,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(
            header_read_timeout=int(settings.header_seconds * 1000),
            max_buffer_size=HEADER_BYTES,
        ),
        log_level=LogLevels.error,
    )


def _connections() -> int:
    """Raise our limit of open files as far as it helps; return how many connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(128, min(CONNECTIONS, soft - SPARE_FILES))


if __name__ == "__main__":
    sys.exit(main(ServeSettings.from_json(sys.argv[1])))
