"""A small OpenID Connect provider on loopback. It keeps what it was asked, and lies as a test tells it to."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "sojourn of a test"
SECRET = "a:secret/with%signs"

Change = Callable[[dict[str, Any]], None]


def unsigned(claims: dict[str, Any]) -> str:
    """An ID token that nobody has signed."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


@dataclass(slots=True, kw_only=True)
class Identity:
    """The provider: who is signed in there, and what it does otherwise than it should.

    `claims` changes what an ID token says, `sign` how it is signed. `refuses` is an error that it sends people back
    with, `status` what all else of it answers with.
    """

    address: str
    email: str
    now: Callable[[], int]
    client: str = CLIENT
    secret: str = SECRET
    key: RSAKey
    published: list[RSAKey]
    verified: Any = True
    is_told_apart: bool = False
    claims: Change = lambda _claims: None
    sign: Callable[[dict[str, Any]], str] | None = None
    metadata: Change = lambda _metadata: None
    refuses: str = ""
    status: int = 200
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self.key = new_key()
        self.published = [self.key]

    def answer(self, method: str, target: str, headers: dict[str, str], body: str) -> tuple[int, dict[str, str], Any]:
        """What a request is told: status, headers, JSON."""
        parts = urlsplit(target)
        self.asked.append(f"{method} {parts.path}")
        if self.status != 200:
            return self.status, {}, {"error": "server_error"}
        match parts.path:
            case "/.well-known/openid-configuration":
                return 200, {}, self._metadata()
            case "/keys":
                return 200, {}, {"keys": [{"kty": "OKP", "crv": "X?"}, *(key.as_dict() for key in self.published)]}
            case "/authorize":
                return 302, {"Location": self._authorized(dict(parse_qsl(parts.query)))}, {}
            case "/token":
                return self._exchanged({name: values[-1] for name, values in parse_qs(body).items()}, headers)
            case "/userinfo":
                return 200, {}, {"sub": "5", "email": self.email, "email_verified": self.verified}
        return 404, {}, {}

    def _metadata(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize?theme=plain",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": self.methods,
        }
        self.metadata(told)
        return told

    def _authorized(self, query: dict[str, str]) -> str:
        """Where somebody who is signed in here is sent back to."""
        assert query.pop("theme") == "plain"
        assert (query["response_type"], query["client_id"]) == ("code", self.client)
        assert query["code_challenge_method"] == "S256"
        if self.refuses:
            answer = {"error": self.refuses, "error_description": "<b>Pay here</b>", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(8)
            self.codes[code] = query
            answer = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def _exchanged(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        if self._presented(form, headers) != (self.client, self.secret):
            return 401, {}, {"error": "invalid_client"}
        query = self.codes.pop(form["code"], None)  # a code is good once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if query is None or query["redirect_uri"] != form["redirect_uri"]:
            return 400, {}, {"error": "invalid_grant"}
        if challenge.decode() != query["code_challenge"]:
            return 400, {}, {"error": "invalid_grant"}
        return 200, {}, {"token_type": "Bearer", "access_token": "x", "id_token": self._id_token(query["nonce"])}

    def _presented(self, form: dict[str, str], headers: dict[str, str]) -> tuple[str, str]:
        """Who asks, by the first of the methods that are told."""
        if self.methods[0] == "client_secret_basic":
            told = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            name, _, secret = told.partition(":")
            return unquote(name), unquote(secret)
        return form["client_id"], form.get("client_secret", "")

    def _id_token(self, nonce: str) -> str:
        told: dict[str, Any] = {
            "iss": self.address,
            "aud": self.client,
            "sub": "5",
            "iat": self.now(),
            "exp": self.now() + 300,
            "nonce": nonce,
        }
        if not self.is_told_apart:
            told |= {"email": self.email, "email_verified": self.verified}
        self.claims(told)
        if self.sign is not None:
            return self.sign(told)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, told, self.key)


def new_key() -> RSAKey:
    """A key to sign with."""
    return RSAKey.generate_key(2048, auto_kid=True)


@contextmanager
def providing(email: str, now: Callable[[], int], key: RSAKey) -> Iterator[Identity]:
    """A provider at which somebody is signed in; `now` is in seconds."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0"))).decode()
            status, more, told = identity.answer(self.command, self.path, headers, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        identity = Identity(address=address, email=email, now=now, key=key, published=[key])
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield identity
        finally:
            server.shutdown()
            thread.join()
