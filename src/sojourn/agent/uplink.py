"""The way to the server: the native wire over HTTP, and what each answer means for the sender."""

import gzip
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

LONGEST_RETRY_AFTER = 3600.0
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
AHEAD_SECONDS = 60.0
"""From here on a clock may be what a refusal is about: servers take no times from the future."""

POSTPONED = frozenset({408, 423, 425, 429})
MISADDRESSED = frozenset({404, 405, 406, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The server has it; `content` is what it said."""

    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """Not now. `retry_after` (seconds) is what the server asked for.

    `own_fault` tells that this one request made the server fail, so that others may do better.
    """

    reason: str
    retry_after: float = 0.0
    own_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Not with this token, or not at this address: somebody must mend the configuration.

    `status` is None where no server was asked.
    """

    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Never: the server will not take this content, and says why."""

    reason: str
    status: int


Verdict: TypeAlias = Delivered | Postponed | Denied | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to deliver, and as whom; `token` is asked anew for each request."""

    url: str
    token: Callable[[], str]
    organisation: int | None = None
    ca_file: str | None = None


@dataclass(slots=True)
class Uplink:
    """A connection to one server, kept open between requests. Used by one thread at a time.

    `ahead` is by how many seconds the clock here was ahead of the server's at its last answer.
    """

    server: Server
    user_agent: str = "sojourn-agent"
    ahead: float = field(default=0.0, init=False)
    _client: httpx.Client | None = field(default=None, init=False)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        key: str | None = None,
        content_type: str = "application/json",
    ) -> Verdict:
        """Send one request, its body packed by `pack`, and judge the answer."""
        try:
            response = self._request(method, path, body, key, content_type)
            self.ahead = -_until(response.headers.get("Date", ""))
            return judged(response, response.content)
        except OSError as error:
            return Denied(reason=f"the token cannot be read: {error}")
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return Denied(reason=f"{self.server.url} is no server's address: {error}")
        except httpx.HTTPError as error:
            self.close()
            return Postponed(reason=f"{self.server.url}: {str(error) or type(error).__name__}")

    @property
    def clock_is_ahead(self) -> bool:
        """Tell whether what is refused now may be taken later, when the server's clock has come as far."""
        return self.ahead > AHEAD_SECONDS

    def _request(
        self, method: str, path: str, body: bytes | None, key: str | None, content_type: str
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.server.token()}"}
        if body is not None:
            headers |= {"Content-Type": content_type, "Content-Encoding": "gzip"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if self.server.organisation is not None:
            headers["X-Organisation"] = str(self.server.organisation)
        url = self.server.url.rstrip("/") + path
        return self._open().request(method, url, content=body, headers=headers)

    def _open(self) -> httpx.Client:
        if self._client is None:
            verify = True if self.server.ca_file is None else _trusting(self.server.ca_file)
            self._client = httpx.Client(timeout=TIMEOUT, verify=verify, headers={"User-Agent": self.user_agent})
        return self._client

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None


def pack(document: object) -> bytes:
    """Make a request body of a JSON document: the same bytes for the same document, always."""
    return pack_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def pack_text(text: str) -> bytes:
    """Make a request body of a text."""
    return gzip.compress(text.encode(), mtime=0)


def unpack(body: bytes) -> str:
    """Read what `pack` made."""
    return gzip.decompress(body).decode()


def judged(response: httpx.Response, content: bytes) -> Verdict:
    """Tell what an answer means for what was sent."""
    status = response.status_code
    if response.is_success:
        return Delivered(content=content)
    reason = f"{status} {_detail(content) or response.reason_phrase}".strip()
    if status in (401, 403):
        return Denied(reason=reason, status=status)
    if status in MISADDRESSED or response.is_redirect:
        return Denied(reason=f"{reason} at {response.url.copy_with(query=None)}", status=status)
    if status in POSTPONED or status >= 500 or status < 200:
        return Postponed(
            reason=reason,
            retry_after=_retry_after(response.headers),
            own_fault=status == 500,
        )
    return Refused(reason=reason, status=status)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _detail(content: bytes) -> str:
    """Find the reason in a problem document (RFC 9457)."""
    problem = _parsed(content)
    if not isinstance(problem, dict):
        return ""
    told = [str(problem.get("detail") or problem.get("title") or "")]
    errors = problem.get("errors")
    told.extend(
        f"{error.get('pointer', '')}: {error.get('detail', '')}"
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    )
    return "; ".join(text for text in told if text)


def _retry_after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text)
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if seconds == seconds else 0.0


def _until(text: str) -> float:
    """Tell the seconds from now until an HTTP date; 0 if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def _trusting(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
