"""Forms: what is sent with them, and the proof that it was a page of ours that sent it.

The proof is a code of the secret that the browser's cookie holds, so it needs no table and ends with the session. It
looks different on each page, so that a compressed page does not give it away letter by letter.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from sojourn.console import cookies
from sojourn.core.errors import Forbidden, Invalid
from sojourn.web.backend import Backend
from sojourn.web.headers import header
from sojourn.web.wire import Unsupported, read_body

FIELD = "proof"
FORM_BYTES = 65_536
MOST_FIELDS = 500
FORM_TYPE = "application/x-www-form-urlencoded"


class NotOurs(Forbidden):
    """A form that no page of ours has sent, or one of a session that is over. Nothing was done."""

    def __init__(self) -> None:
        super().__init__("a form that a page of this session has sent")


class Sent(dict[str, list[str]]):
    """The fields of a form."""

    def text(self, name: str) -> str:
        """One field, trimmed; empty where there is none."""
        return (self.get(name) or [""])[-1].strip()

    def secret(self, name: str) -> str:
        """One field as it was typed."""
        return (self.get(name) or [""])[-1]

    def texts(self, name: str) -> list[str]:
        """All values of a field that may stand several times."""
        return self.get(name, [])


async def sent(request: Request) -> Sent:
    """The fields of the request's form. Raises: Unsupported, TooLarge, Invalid."""
    kind = header(request, "content-type").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise Unsupported(kind, FORM_TYPE)
    body = await read_body(request, FORM_BYTES)
    fields = Sent()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Invalid("", "The form cannot be read") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def bound_to(request: Request, backend: Backend) -> str:
    """What the forms of a request are bound to: its session, or else a cookie of their own; empty without either."""
    return cookies.cookie(request, backend, cookies.SESSION) or cookies.cookie(request, backend, cookies.FORM)


def new_binding() -> str:
    """What the forms of somebody without a session are bound to, for a cookie."""
    return secrets.token_urlsafe(24)


def code(secret: str, purpose: str, text: str = "") -> bytes:
    """A code of a text that only who knows the secret can make."""
    return hmac.new(secret.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def proof(secret: str) -> str:
    """The proof for the forms of a page."""
    mask = secrets.token_bytes(32)
    return (mask + _mixed(mask, code(secret, "form"))).hex()


def _mixed(mask: bytes, plain: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, plain, strict=True))


async def check(request: Request, backend: Backend) -> Sent:
    """The fields of a form of ours. Raises: NotOurs, and what `sent` does."""
    _check_origin(request, backend)
    fields = await sent(request)
    secret = bound_to(request, backend)
    if not secret or not _proves(secret, fields.text(FIELD)):
        raise NotOurs
    return fields


def _proves(secret: str, shown: str) -> bool:
    try:
        masked = bytes.fromhex(shown)
    except ValueError:
        return False
    return len(masked) == 64 and hmac.compare_digest(_mixed(masked[:32], masked[32:]), code(secret, "form"))


def _check_origin(request: Request, backend: Backend) -> None:
    """Browsers tell where a form comes from; what tells nothing is judged by its proof alone."""
    site = header(request, "sec-fetch-site")
    if site and site != "same-origin":
        raise NotOurs
    origin = header(request, "origin")
    if site or not origin:
        return
    ours = {header(request, "host"), urlsplit(backend.public_url or "").netloc} - {""}
    if urlsplit(origin).netloc not in ours:
        raise NotOurs


def chosen(values: Mapping[str, str], name: str) -> str | None:
    """A query parameter, trimmed; None where it is empty, as a form sends what was left blank."""
    return values.get(name, "").strip() or None


def ours(target: str) -> str:
    """A path of this server to go on to; anything else is the first page, so that nobody is led elsewhere."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and not parts.scheme and not parts.netloc and "\\" not in target else "/"
