"""Signing in by way of an OpenID Connect provider: the good way, and every bad one."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from sojourn.console.openid import ASTRAY, LONGEST_TARGET
from sojourn.core.access import Means
from sojourn.core.model import SECOND
from sojourn.openid.relying import FRESH
from tests.agent.chrome import needs_chromium
from tests.console.axe import serious
from tests.console.browser import Browser
from tests.console.visitor import Visitor, words_of
from tests.identity import CLIENT, SECRET, Identity, new_key, providing, unsigned
from tests.stage import ACME, Clock, Stage, staged

READER = "reader@example.org"


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return new_key()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity(clock: Clock, key: RSAKey) -> Iterator[Identity]:
    """A provider at which the reader is signed in."""
    with providing(READER, lambda: clock() // SECOND, key) as identity:
        yield identity


@pytest.fixture
def stage(sqlite_url: str, clock: Clock, identity: Identity) -> Iterator[Stage]:
    """The stage, with that provider."""
    settings = {
        "openid_issuer": identity.address,
        "openid_client_id": CLIENT,
        "openid_client_secret": SECRET,
        "openid_name": "Acme Login",
    }
    with staged(sqlite_url, clock, **settings) as stage:
        yield stage


def leave(visitor: Visitor, target: str = "/account") -> str:
    """Set out, and be sent back by the provider: the path and query of the way back."""
    sent = visitor.get("/sign-in/openid", follow=False, next=target)
    assert sent.status_code == 303, words_of(sent)
    back = httpx.get(sent.headers["location"], follow_redirects=False).headers["location"]
    return back.removeprefix("http://sojourn.example")


def arrive(visitor: Visitor, way: str) -> httpx.Response:
    return visitor.request("GET", way, follow=False)


def refused(visitor: Visitor, answer: httpx.Response) -> tuple[int, str]:
    """How somebody was not let in: without a session, and with other ways in."""
    assert not visitor.session
    assert "Sign in with the token" in words_of(answer)
    assert answer.headers["content-security-policy"]
    return answer.status_code, words_of(answer)


def altered(way: str, **changes: str) -> str:
    path, _, query = way.partition("?")
    return f"{path}?{urlencode({**dict(parse_qsl(query)), **changes})}"


def test_somebody_the_provider_vouches_for_is_let_in(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    assert "Sign in with Acme Login" in words_of(visitor.get("/sign-in"))
    answer = arrive(visitor, leave(visitor))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "OpenID Connect" in words_of(visitor.get("/account"))
    assert "sojourn-errand" not in visitor.client.cookies
    known = stage.core.registry.members(ACME)
    (reader,) = [member.principal for member in known if member.principal.email == READER]
    sessions = [row for row in stage.dump()["token"] if Means.OPENID in row]
    assert len(sessions) == 1
    assert reader.id in sessions[0]


def test_what_is_sent_along_tells_no_secret(visitor: Visitor, stage: Stage) -> None:
    sent = visitor.get("/sign-in/openid", follow=False, next="/account")
    query = parse_qs(urlsplit(sent.headers["location"]).query)
    assert query["scope"] == ["openid email"]
    assert query["redirect_uri"] == ["http://sojourn.example/sign-in/openid/return"]
    assert query["code_challenge_method"] == ["S256"]
    (cookie,) = sent.headers.get_list("set-cookie")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"))
    secret = visitor.client.cookies["sojourn-errand"].strip('"').partition(".")[0]
    assert SECRET not in sent.headers["location"]
    assert secret not in sent.headers["location"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/x" * LONGEST_TARGET]
)
def test_nobody_is_led_elsewhere(visitor: Visitor, stage: Stage, target: str) -> None:
    assert arrive(visitor, leave(visitor, target)).headers["location"] == "/"


@pytest.mark.parametrize("methods", [("client_secret_post",), ("client_secret_basic",)])
def test_the_client_shows_its_secret_as_the_provider_likes(
    visitor: Visitor, stage: Stage, identity: Identity, methods: tuple[str, ...]
) -> None:
    identity.methods = methods
    assert arrive(visitor, leave(visitor)).status_code == 303
    assert visitor.session


def test_an_address_that_the_provider_tells_apart_is_asked_for(
    visitor: Visitor, stage: Stage, identity: Identity
) -> None:
    identity.is_told_apart = True
    arrive(visitor, leave(visitor))
    assert visitor.session
    assert "GET /userinfo" in identity.asked


def test_one_who_is_told_apart_must_be_the_same(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    identity.is_told_apart = True
    identity.claims = lambda claims: claims.update(sub="6")
    assert refused(visitor, arrive(visitor, leave(visitor)))[0] == 403


def test_the_provider_is_asked_what_it_is_once_an_hour(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    leave(visitor)
    arrive(visitor, leave(visitor))
    assert identity.asked.count("GET /keys") == 1
    stage.clock.advance(FRESH / SECOND)
    leave(visitor)
    assert identity.asked.count("GET /keys") == 2


def test_a_key_that_is_not_known_is_looked_for_once(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    leave(visitor)
    identity.rotate()
    arrive(visitor, leave(visitor))
    assert visitor.session
    assert identity.asked.count("GET /keys") == 2


def claiming(**claims: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.update(claims)


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.__delitem__(name)


BAD_CLAIMS = {
    "another nonce": claiming(nonce="of another"),
    "no nonce": without("nonce"),
    "another audience": claiming(aud="another client"),
    "no audience": without("aud"),
    "issued to another": claiming(aud=[CLIENT, "another"], azp="another"),
    "another issuer": claiming(iss="https://evil.example"),
    "over": lambda told: told.update(exp=told["iat"] - 61),
    "without an end": without("exp"),
    "nobody": without("sub"),
    "an address not verified": claiming(email_verified=False),
    "an address verified in words": claiming(email_verified="true"),
    "an address of which nothing is said": without("email_verified"),
    "an address that is none": claiming(email=["reader@example.org"]),
}


@pytest.mark.parametrize("change", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_what_the_provider_does_not_say_to_us_now_opens_nothing(
    visitor: Visitor, stage: Stage, identity: Identity, change: Callable[[dict[str, Any]], None]
) -> None:
    identity.claims = change
    status, words = refused(visitor, arrive(visitor, leave(visitor)))
    assert (status, "could not say who you are" in words) == (403, True)
    assert READER not in words


FORGERS: dict[str, Callable[[dict[str, Any], RSAKey], str]] = {
    "nobody": lambda claims, _: unsigned(claims),
    "another": lambda claims, key: jwt.encode({"alg": "RS256", "kid": key.kid}, claims, new_key()),
    "a stranger": lambda claims, _: jwt.encode({"alg": "RS256", "kid": "x"}, claims, new_key()),
    "who knows the public key": lambda claims, key: jwt.encode(
        {"alg": "HS256", "kid": key.kid}, claims, OctKey.import_key(key.as_pem(private=False).hex())
    ),
    "who knows the client's secret": lambda claims, _: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"]
    ),
    "no token at all": lambda _claims, _key: "x",
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forger", FORGERS.values(), ids=FORGERS)
def test_what_the_provider_has_not_signed_opens_nothing(
    visitor: Visitor, stage: Stage, identity: Identity, forger: Callable[[dict[str, Any], RSAKey], str]
) -> None:
    identity.sign = lambda claims: forger(claims, identity.key)
    assert refused(visitor, arrive(visitor, leave(visitor)))[0] == 403


def test_a_way_back_of_another_browser_opens_nothing(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    """Somebody sets out and gives their way back to another, to have them signed in as themselves."""
    way = leave(visitor)
    visitor.client.cookies.clear()
    status, words = refused(visitor, arrive(visitor, way))
    assert (status, ASTRAY in words) == (400, True)
    leave(visitor)
    assert refused(visitor, arrive(visitor, way))[0] == 400
    assert "POST /token" not in identity.asked


@pytest.mark.parametrize("state", ["", "0" * 64, "\udcff", "é"])
def test_another_state_opens_nothing(visitor: Visitor, stage: Stage, state: str) -> None:
    way = altered(leave(visitor), state=state.encode("utf-8", "replace").decode())
    assert refused(visitor, arrive(visitor, way))[0] == 400


@pytest.mark.parametrize("cookie", ["x", "x.y", ".", "é.L2E=", "x.gICA"])
def test_a_cookie_that_is_none_opens_nothing(visitor: Visitor, stage: Stage, cookie: str) -> None:
    way = leave(visitor)
    visitor.client.cookies.clear()
    headers = {"Cookie": f"sojourn-errand={cookie}".encode()}
    assert visitor.request("GET", way, follow=False, headers=headers).status_code == 400


def test_a_cookie_that_leads_elsewhere_is_not_ours(visitor: Visitor, stage: Stage) -> None:
    way = leave(visitor)
    secret = visitor.client.cookies["sojourn-errand"].strip('"').partition(".")[0]
    visitor.client.cookies.clear()
    visitor.client.cookies.set("sojourn-errand", f"{secret}.L2xpdmU=", domain="sojourn.example")
    assert refused(visitor, arrive(visitor, way))[0] == 400


def test_a_way_back_is_good_once(visitor: Visitor, stage: Stage) -> None:
    way = leave(visitor)
    errand = visitor.client.cookies["sojourn-errand"]
    arrive(visitor, way)
    assert visitor.session
    visitor.client.cookies.clear()
    assert refused(visitor, arrive(visitor, way))[0] == 400
    visitor.client.cookies.set("sojourn-errand", errand, domain="sojourn.example")
    assert refused(visitor, arrive(visitor, way))[0] == 403  # it is the provider who knows that the code was used


def test_a_code_of_another_errand_opens_nothing(visitor: Visitor, stage: Stage) -> None:
    """Whoever got hold of somebody's code has not their verifier."""
    code = dict(parse_qsl(urlsplit(leave(visitor)).query))["code"]
    assert refused(visitor, arrive(visitor, altered(leave(visitor), code=code)))[0] == 403


@pytest.mark.parametrize("code", ["", "x" * 5_000])
def test_a_code_that_is_none_is_not_passed_on(visitor: Visitor, stage: Stage, identity: Identity, code: str) -> None:
    assert refused(visitor, arrive(visitor, altered(leave(visitor), code=code)))[0] == 400
    assert "POST /token" not in identity.asked


@pytest.mark.parametrize("email", ["nobody@example.org", "x@evil.example", "not an address"])
def test_who_is_no_member_is_told_nothing_but_that(
    visitor: Visitor, stage: Stage, identity: Identity, email: str
) -> None:
    identity.email = email
    before = stage.dump()
    status, words = refused(visitor, arrive(visitor, leave(visitor)))
    assert (status, "that opens nothing here" in words) == (403, True)
    assert not any(secret in words for secret in ("Acme (", "Beta", "example.org"))
    assert stage.dump() == before


def test_who_ceased_to_be_a_member_is_refused_and_signed_out(
    visitor: Visitor, stage: Stage, identity: Identity
) -> None:
    arrive(visitor, leave(visitor))
    stage.core.registry.remove_member(ACME, READER)
    assert visitor.get("/account").url.path == "/sign-in"
    visitor.client.cookies.clear()
    assert refused(visitor, arrive(visitor, leave(visitor)))[0] == 403


def test_who_is_refused_by_the_provider_is_told_so_in_our_words(
    visitor: Visitor, stage: Stage, identity: Identity
) -> None:
    identity.refuses = "access_denied"
    status, words = refused(visitor, arrive(visitor, leave(visitor)))
    assert (status, "Acme Login did not let you in" in words, "Pay here" in words) == (403, True, False)
    identity.refuses = "server_error"
    assert "could not say who you are" in refused(visitor, arrive(visitor, leave(visitor)))[1]


def test_a_provider_that_is_away_is_told_of_and_comes_back(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    identity.status = 503
    status, words = refused(visitor, visitor.get("/sign-in/openid", follow=False))
    assert (status, "Acme Login cannot be reached just now" in words) == (503, True)
    identity.status = 200
    way = leave(visitor)
    identity.status = 503
    assert refused(visitor, arrive(visitor, way))[0] == 503
    identity.status = 200
    arrive(visitor, leave(visitor))
    assert visitor.session


def test_a_provider_that_does_not_know_us_is_told_of(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    identity.secret = "another"
    assert refused(visitor, arrive(visitor, leave(visitor)))[0] == 503


BAD_METADATA = {
    "another issuer": claiming(issuer="https://evil.example"),
    "no TLS": claiming(token_endpoint="http://evil.example/token"),
    "no keys": lambda told: told.update(jwks_uri=told["jwks_uri"].replace("keys", "authorise")),
    "keys that are none": lambda told: told.update(jwks_uri=told["userinfo_endpoint"]),
    "nothing to ask": without("token_endpoint"),
}


@pytest.mark.parametrize("change", BAD_METADATA.values(), ids=BAD_METADATA)
def test_a_provider_that_does_not_say_what_it_must_is_told_of(
    visitor: Visitor, stage: Stage, identity: Identity, change: Callable[[dict[str, Any]], None]
) -> None:
    identity.metadata = change
    assert refused(visitor, visitor.get("/sign-in/openid", follow=False))[0] == 503


def test_who_fails_too_often_waits(visitor: Visitor, stage: Stage, identity: Identity) -> None:
    """A quarter of an hour, whoever the provider says that they are."""
    identity.email = "nobody@example.org"
    told = [refused(visitor, arrive(visitor, leave(visitor)))[0] for _ in range(9)]
    assert told == [403] * 8 + [429]
    stage.clock.advance(900)
    identity.email = READER
    arrive(visitor, leave(visitor))
    assert visitor.session


def test_behind_tls_the_cookie_is_the_hosts_alone(visitor: Visitor, stage: Stage) -> None:
    visitor.client.base_url = "https://sojourn.example"
    sent = visitor.get("/sign-in/openid", follow=False)
    (cookie,) = sent.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-sojourn-errand=")
    assert "Secure" in cookie


def test_the_way_back_leads_to_the_public_address(sqlite_url: str, identity: Identity) -> None:
    known = {"openid_issuer": identity.address, "openid_client_id": CLIENT, "public_url": "https://who.example.org"}
    with staged(sqlite_url, Clock(), **known) as plain:
        sent = plain.nobody.get("/sign-in/openid").headers["location"]
        assert parse_qs(urlsplit(sent).query)["redirect_uri"] == ["https://who.example.org/sign-in/openid/return"]


def test_without_a_provider_there_is_no_such_way(sqlite_url: str) -> None:
    with staged(sqlite_url) as plain:
        assert plain.nobody.get("/sign-in/openid").status_code == 404
        assert plain.nobody.get("/sign-in/openid/return").status_code == 404
        assert "Sign in with" not in plain.nobody.get("/sign-in").text.replace("Sign in with the token", "")


@needs_chromium
def test_a_person_comes_by_way_of_the_provider(stage: Stage, identity: Identity, browser: Browser) -> None:
    browser.open("/account")
    assert browser.path == "/sign-in?next=%2Faccount"
    browser.screenshots("sign-in-openid")
    assert serious(browser) == []
    browser.leave_by("main a.main")
    browser.see("OpenID Connect")
    assert browser.path == f"/account?organisation={ACME}"
    browser.leave_by(".me-actions button")
    identity.email = "nobody@example.org"
    browser.leave_by("main a.main")
    browser.see("that opens nothing here")
    assert serious(browser) == []
    browser.screenshots("sign-in-openid-refused")
