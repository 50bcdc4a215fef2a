import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.privacy import EVERYWHERE, Privacy
from sojourn.agent.weblog import Entry, LoadedPage, WebLog

PRIVACY = Privacy(domains=["site.example", "*.other.example"])


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("site.example", True),
        ("www.site.example", True),
        ("a.b.site.example", True),
        ("SITE.Example.", True),
        ("other.example", True),
        ("notsite.example", False),
        ("site.example.evil.example", False),
        ("example", False),
        ("", False),
    ],
)
def test_a_domain_stands_for_itself_and_all_below_it(host: str, allowed: bool) -> None:
    assert PRIVACY.allows(host) is allowed


def test_without_domains_nothing_is_allowed() -> None:
    assert not Privacy().allows("site.example")


def test_a_star_allows_everything() -> None:
    assert Privacy(domains=[EVERYWHERE]).allows("any.example")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://site.example/a/b?token=secret#frag", "https://site.example/a/b"),
        ("https://user:secret@site.example:8443/a", "https://site.example:8443/a"),
        ("https://site.example/a;jsessionid=secret/b;v=secret?x", "https://site.example/a/b"),
        ("https://site.example?secret", "https://site.example/"),
        ("https://cdn.example/person/secret?x=secret", "https://cdn.example/"),
        ("https://user:secret@cdn.example:8443/secret", "https://cdn.example:8443/"),
        ("http://[::1]:8080/secret", "http://[::1]:8080/"),
        ("data:text/html,secret", None),
        ("blob:https://site.example/secret", None),
        ("chrome-extension://secret/x", None),
        ("file:///home/secret", None),
        ("http://[secret", None),
        ("http://site.example:99999/", None),
        ("", None),
    ],
)
def test_what_is_told_of_an_address(url: str, told: str | None) -> None:
    assert PRIVACY.url(url) == told


def test_a_query_is_kept_if_the_owner_says_so_but_nothing_else() -> None:
    open_minded = Privacy(domains=["site.example"], keep_query=True)
    assert open_minded.url("https://u:p@site.example/a?q=1#f") == "https://site.example/a?q=1"
    assert open_minded.url("https://cdn.example/a?q=1") == "https://cdn.example/"


def log(**changes: object) -> WebLog:
    entry = Entry(
        url="https://site.example/a?token=secret",
        page="p",
        status=302,
        redirect_url="https://site.example/b?token=secret",
        request_headers=(("Cookie", "secret"), ("authorization", "secret"), ("X-Api-Key", "secret"), ("Via", "1.1 x")),
        response_headers=(("Set-Cookie", "secret"), ("Location", "/b?secret"), ("Content-Type", "text/html")),
    )
    page = LoadedPage(id="p", title="Home", started=1, url="https://site.example/b?token=secret")
    pages = (page, LoadedPage(id="q", title="secret", started=2, url="https://bank.example/secret"))
    entries = (
        entry,
        Entry(url="https://cdn.example/person/secret.js", page="p"),
        Entry(url="data:image/png;base64,secret", page="p"),
        Entry(url="https://bank.example/secret", page="q"),
        Entry(url="https://site.example/of-no-page?secret"),
    )
    return WebLog(pages=pages, entries=entries)


def test_nothing_of_people_is_left_in_a_log() -> None:
    told = PRIVACY.scrub(log())
    assert "secret" not in json.dumps(asdict(told))
    assert "bank.example" not in json.dumps(asdict(told))
    assert [page.id for page in told.pages] == ["p"]
    assert [entry.url for entry in told.entries] == ["https://site.example/a", "https://cdn.example/"]
    assert told.entries[0].redirect_url == "https://site.example/b"
    assert told.entries[0].request_headers == (("Via", "1.1 x"),)
    assert told.entries[0].response_headers == (("Content-Type", "text/html"),)
    assert told.notes == ("1 pages of sites that are not listed were left out",)


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Home", "Home"),
        ("https://site.example/a?token=secret", "https://site.example/a"),
        ("site.example/a?token=secret", "https://site.example/a"),
        ("Sign in https://site.example/a?token=secret now", "Sign in https://site.example/a now"),
        ("data:text/html,secret", "https://site.example/a"),
        ("Ask: what is a URL?", "Ask: what is a URL?"),
    ],
)
def test_addresses_in_titles_are_scrubbed_too(title: str, told: str) -> None:
    page = LoadedPage(id="p", title=title, started=1, url="https://site.example/a?token=secret")
    assert PRIVACY.scrub(WebLog(pages=(page,))).pages[0].title == told


URLS = st.builds(
    lambda scheme, user, host, path, query, fragment: f"{scheme}{user}{host}{path}{query}{fragment}",
    st.sampled_from(["http://", "https://", "HTTPS://", "ws://", "data:", ""]),
    st.sampled_from(["", "me:SECRET@", "SECRET@"]),
    st.sampled_from(["site.example", "cdn.example:80", "[::1]", "x.other.example"]),
    st.sampled_from(["", "/", "/a;SECRET/b", "/a/b"]),
    st.sampled_from(["", "?SECRET", "?q=SECRET?SECRET", "?a&SECRET"]),
    st.sampled_from(["", "#SECRET", "#?SECRET"]),
)


@given(URLS | st.text(max_size=50))
def test_what_people_put_into_an_address_never_gets_out(url: str) -> None:
    told = PRIVACY.url(url)
    if told is not None:
        assert "SECRET" not in told
        assert not set("?#@;") & set(told)
        assert PRIVACY.url(told) == told
