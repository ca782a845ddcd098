"""The way of a request: body read whole in asyncio, application run on a lane, answer sent at once."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any

from granian.rsgi import Scope

from lms.serve import refusals
from lms.serve.environ import Environ, common, from_scope
from lms.serve.lanes import Lane
from lms.serve.refusals import Refused, Transport
from lms.serve.settings import ServeSettings

log = logging.getLogger(__name__)

Application = Callable[..., Iterable[bytes]]
Headers = list[tuple[str, str]]

SWEEP_SECONDS = 0.05
# Bodies above BIG_BODY may fill so much memory of a worker, until they are answered; answers to questions
# never are that big.
BIG_BODY = 64 * 1024
BIG_TOTAL = 64 * 1024 * 1024
# An upload a little too large is read to its end, unkept, so that the browser sees the answer.
DRAIN = 8


class Gateway:
    """An RSGI application around a WSGI one; the time and memory a client can take are bounded."""

    def __init__(
        self,
        application: Application,
        settings: ServeSettings,
        slow: Callable[[str, str], bool],
        trusted_proxies: int,
    ) -> None:
        """Start the two lanes; `slow` takes a method and a path."""
        self.under_way = 0
        self._application = application
        self._settings = settings
        self._slow = slow
        self._trusted = trusted_proxies
        self._base = common(settings.host, settings.port, settings.workers > 1)
        self._fast_lane = Lane("fast", settings.fast_queue)
        self._slow_lane = Lane("slow", settings.slow_queue)
        self._answered: deque[asyncio.Future[None]] = deque()
        self._sweeping = False
        self._held = 0

    async def __rsgi__(self, scope: Scope, proto: Transport) -> None:
        """Answer one request."""
        self.under_way += 1
        try:
            await self._answer(scope, proto)
        except Refused as refused:
            refused.refusal.send(proto, scope.method)
        finally:
            self.under_way -= 1

    async def _answer(self, scope: Scope, proto: Transport) -> None:
        environ = from_scope(scope, self._base, self._trusted)
        if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
            await self._hand_over(scope, environ, b"", proto)
            return
        length = await self._length(scope, environ, proto)
        held = length if length > BIG_BODY else 0
        if self._held + held > BIG_TOTAL:
            raise Refused(refusals.BUSY)
        self._held += held
        try:
            await self._hand_over(scope, environ, await self._body(proto), proto)
        finally:
            self._held -= held

    async def _hand_over(self, scope: Scope, environ: Environ, body: bytes, proto: Transport) -> None:
        environ["wsgi.input"] = BytesIO(body)
        lane = self._slow_lane if self._slow(environ["REQUEST_METHOD"], scope.path) else self._fast_lane
        answered = asyncio.get_running_loop().create_future()
        if not lane.offer(partial(self._call, environ, proto, answered)):
            raise Refused(refusals.BUSY)
        self._sweep_soon()
        await answered

    async def _length(self, scope: Scope, environ: Environ, proto: Transport) -> int:
        if "HTTP_TRANSFER_ENCODING" in environ:
            # Without a length, neither the cap nor a body cut short could be told in time.
            raise Refused(refusals.NO_LENGTH)
        length = int(environ["CONTENT_LENGTH"])
        is_upload = scope.path.endswith(self._settings.upload_suffix)
        cap = self._settings.upload_cap if is_upload else self._settings.body_cap
        if length > cap:
            await self._drain(length, cap, proto)
            raise Refused(refusals.too_large(cap))
        return length

    async def _body(self, proto: Transport) -> bytes:
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                return await proto()
        except TimeoutError:
            raise Refused(refusals.TOO_SLOW) from None
        except RuntimeError:
            raise Refused(refusals.MALFORMED) from None

    async def _drain(self, length: int, cap: int, proto: Transport) -> None:
        if length > DRAIN * cap:
            return
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                async for chunk in proto:
                    length -= len(chunk)
                    if length <= 0 or not chunk:
                        return
        except TimeoutError:
            return

    def _call(self, environ: Environ, proto: Transport, answered: "asyncio.Future[None]") -> None:
        """Run the application and send its answer; on the lane's thread."""
        try:
            status, headers, body = _run(self._application, environ)
            if environ["REQUEST_METHOD"] == "HEAD":
                proto.response_empty(status, headers)
            else:
                # hyper writes the length; one that did not fit the body would bend the connection.
                headers = [pair for pair in headers if pair[0].lower() != "content-length"]
                proto.response_bytes(status, headers, body)
        except Exception:
            log.exception("%s %r", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            refusals.BROKEN.send(proto, environ["REQUEST_METHOD"])
        finally:
            self._answered.append(answered)

    def _sweep_soon(self) -> None:
        """End the tasks of answered requests with the next request, or a moment later.

        Waking the loop from the lane after each answer makes the two fight for the interpreter lock
        and costs throughput; the answer itself has left long before.
        """
        while self._answered:
            answered = self._answered.popleft()
            if not answered.done():
                answered.set_result(None)
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        if self.under_way:
            self._sweep_soon()


def _run(application: Application, environ: Environ) -> tuple[int, Headers, bytes]:
    status, headers = 0, []
    written: list[bytes] = []

    def start_response(line: str, pairs: Headers, exc_info: Any = None) -> Callable[[bytes], None]:  # noqa: ARG001
        nonlocal status, headers
        status, headers = int(line[:3]), [*pairs, ("server", "lms")]
        return written.append

    result = application(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    if not status:
        raise RuntimeError("the application did not call start_response")
    return status, headers, b"".join(written) + body if written else body
