"""GET and POST /v6/endpoint-data/user-sessions: ranges, pages, and what real clients do."""

import json
from typing import Any

import pytest

from sojourn.core.model import MINUTE, SECOND
from tests.api.endpoint_v6.agents import GOLDEN, SESSIONS, at, deliver, lately, measured, seed
from tests.stage import Persona, Stage

KEY = "userSessions"


def ids(document: dict[str, Any]) -> list[str]:
    return [session["userSessionId"] for session in document[KEY]]


def followed(caller: Persona, path: str) -> list[list[str]]:
    """The ids of all pages, as a client follows them: `next` as it is."""
    pages = []
    while True:
        document = caller.get(path).json()
        pages.append(ids(document))
        assert document["pages"]["current"] == len(pages)
        if "next" not in document["pages"]:
            return pages
        path = document["pages"]["next"]


def test_it_tells_the_fields_of_the_seed(stage_on_each: Stage) -> None:
    deliver(stage_on_each, measured())
    document = stage_on_each.reader.get(f"{SESSIONS}.json").json()
    golden = json.loads((GOLDEN / "endpoint_v6_list.json").read_text())
    (told,) = document[KEY]
    assert told.keys() == golden[KEY][1].keys() | {"experienceScore"}
    same = ("agentId", "date", "numberOfPages", "orgName", "port", "protocol", "sourceAddr", "visitedSite")
    assert {name: told[name] for name in same} == {name: seed()[name] for name in same}
    assert document["pages"] == golden["pages"] == {"current": 1}


def test_without_a_range_it_tells_the_newest_five_minutes(stage: Stage) -> None:
    names = deliver(stage, *[at(stage.clock.now - minutes * MINUTE) for minutes in (70, 66, 65, 62, 60)])
    document = stage.reader.get(SESSIONS).json()
    assert ids(document) == names[3:]
    assert document.keys() == {KEY, "pages"}


def test_with_nothing_stored_it_is_empty(stage: Stage) -> None:
    assert stage.reader.get(SESSIONS).json() == {KEY: [], "pages": {"current": 1}}


@pytest.mark.parametrize(
    ("window", "count"),
    [("30", 3), ("30s", 3), ("1m", 6), ("2m", 10), ("1h", 10), ("1d", 10), ("1w", 10), ("0", 0)],
)
def test_a_window_goes_back_from_now(stage: Stage, window: str, count: int) -> None:
    deliver(stage, *lately(stage, 10, 10 * SECOND))
    document = stage.reader.get(f"{SESSIONS}?window={window}").json()
    assert len(ids(document)) == count
    assert document["to"] == "2026-11-23 12:04:05"


@pytest.mark.parametrize(
    "start",
    [
        "2017-03-22T11:58:43",
        "2017-03-22 11:58:43",
        "2017-03-22%2011:58:43",
        "2017-03-22+11:58:43",
        "2017-03-22T11:58:43.000",
        "2017-03-22T11:58:43Z",
        "2017-03-22T11:58:43%2B00:00",
        "2017-03-22T11:58:43+00:00",
        "2017-03-22T12:58:43+01:00",
        "2017-03-22 12:58:43 01:00",
    ],
)
def test_a_time_may_be_written_in_the_ways_that_clients_write_it(stage: Stage, start: str) -> None:
    deliver(stage, measured())
    document = stage.reader.get(f"{SESSIONS}?from={start}&to=2017-03-22T11:58:43").json()
    assert len(document[KEY]) == 1
    assert document["from"] == document["to"] == "2017-03-22 11:58:43"
    late = stage.reader.get(f"{SESSIONS}?from=2017-03-22T11:58:44").json()
    assert late[KEY] == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("window=5y", "window must be"),
        ("window=-5", "window must be"),
        ("window=1h&from=2020-01-01", "window must not be given together with from or to"),
        ("to=2020-01-01", "to must not be given without from"),
        ("from=junk", "from must be a time"),
        ("from=2020-02-30", "from must be a time that exists"),
        ("from=2020-01-02&to=2020-01-01", "to must not be before from"),
        ("aid=99", "aid must be an account group that you belong to"),
        ("aid=2", "aid must be an account group that you belong to"),
        ("aid=x", "aid must be the number of an account group"),
        ("format=yaml", "format must be json or xml"),
        ("page=0", "page must be a number"),
        ("page=x", "page must be a number"),
        ("page=7", "page does not exist"),
        ("lastRoundId=junk", "lastRoundId must be taken from a next link"),
    ],
)
def test_what_is_wrong_is_named(stage: Stage, query: str, reason: str) -> None:
    for suffix in ("", ".json"):
        answer = stage.reader.get(f"{SESSIONS}{suffix}?{query}")
        assert answer.status_code == 400
        assert answer.json()["errorMessage"].startswith(f"400 Bad Request: {reason}")
    told = stage.reader.get(f"{SESSIONS}.xml?{query}")
    assert told.status_code == 400
    assert told.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<error><errorMessage>400 Bad Request: ')


class TestPages:
    def test_exactly_a_thousand_are_one_page(self, stage: Stage) -> None:
        names = deliver(stage, *lately(stage, 1000, 1000))
        assert followed(stage.reader, f"{SESSIONS}?window=1h") == [names]

    def test_one_more_makes_a_next_page(self, stage: Stage) -> None:
        names = deliver(stage, *lately(stage, 1001, 1000))
        assert followed(stage.reader, f"{SESSIONS}?window=1h") == [names[:1000], names[1000:]]

    def test_a_round_that_does_not_fit_is_split_without_loss_while_others_arrive(self, stage_on_each: Stage) -> None:
        stage = stage_on_each
        moment = stage.clock.now - MINUTE
        names = deliver(stage, *[at(moment) for _ in range(2500)])
        first = stage.reader.get(f"{SESSIONS}?window=1h").json()
        late = deliver(stage, at(moment), at(moment - MINUTE), at(moment + MINUTE))
        stage.clock.advance(600)
        deliver(stage, at(stage.clock.now))
        pages = [ids(first), *followed_from(stage.reader, first)]
        told = [name for page in pages for name in page]
        assert [len(page) for page in pages[:2]] == [1000, 1000]
        assert len(set(told)) == len(told)
        assert set(names) <= set(told) <= set(names) | set(late)

    def test_next_keeps_version_path_suffix_account_group_and_format(self, stage: Stage) -> None:
        deliver(stage, *lately(stage, 1001, 1000))
        path = f"{SESSIONS}.xml?aid=1&format=json&window=1h"
        link = stage.reader.get(path, headers={"Host": "sojourn.example.org:8443"}).text
        start = "<next>http://sojourn.example.org:8443/v6/endpoint-data/user-sessions.xml?lastRoundId="
        assert start in link
        assert "&amp;format=json&amp;aid=1</next>" in link or "&amp;aid=1" in link

    def test_page_numbers_still_work(self, stage: Stage) -> None:
        names = deliver(stage, *lately(stage, 1001, 1000))
        document = stage.reader.get(f"{SESSIONS}?window=1h&page=2").json()
        assert ids(document) == names[1000:]
        assert document["pages"] == {"current": 2}


def followed_from(caller: Persona, document: dict[str, Any]) -> list[list[str]]:
    pages = []
    while "next" in document["pages"]:
        document = caller.get(document["pages"]["next"]).json()
        pages.append(ids(document))
    return pages


class TestFilters:
    def post(self, caller: Persona, body: Any, **more: Any) -> Any:
        return caller.post(f"{SESSIONS}?window=1h", json=body, **more)

    def one(self, key: str, *values: str) -> dict[str, Any]:
        return {"searchFilters": [{"key": key, "values": list(values)}]}

    def test_all_filters_hold_each_with_one_of_its_values(self, stage_on_each: Stage) -> None:
        stage = stage_on_each
        sites = ("www.example.org", "shop.example.org", "www.example.com")
        names = [deliver(stage, visit)[0] for site in sites for visit in lately(stage, 1, visited_site=site)]
        cases = [
            (self.one("domain", "EXAMPLE.org"), names[:2]),
            (self.one("visitedSite", "www.example.org", "www.example.com"), [names[0], names[2]]),
            (self.one("visitedSite", "example.org"), []),
            (self.one("agentId", "3fde6422-f119-40e1-ae32-d08a1243c038"), names),
            ({"searchFilters": [*self.one("domain", "example.org")["searchFilters"],
                                *self.one("visitedSite", "www.example.org", "x")["searchFilters"]]}, names[:1]),
            ({"searchFilters": [*self.one("domain", "example.org")["searchFilters"],
                                *self.one("domain", "example.com")["searchFilters"]]}, []),
            ({}, names),
            ({"searchFilters": []}, names),
        ]  # fmt: skip
        for body, expected in cases:
            answer = self.post(stage.reader, body)
            assert answer.status_code == 200
            assert sorted(ids(answer.json())) == sorted(expected)

    def test_nothing_found_is_an_empty_array(self, stage: Stage) -> None:
        document = self.post(stage.reader, self.one("ssid", "nowhere")).json()
        assert document[KEY] == []
        assert document["pages"] == {"current": 1}

    def test_following_next_is_a_post_with_the_same_body(self, stage: Stage) -> None:
        wanted = lately(stage, 1001, 1000, visited_site="www.example.org")
        names = deliver(stage, *wanted, *lately(stage, 5, visited_site="other.example.com"))
        body = self.one("domain", "example.org")
        first = self.post(stage.reader, body).json()
        second = stage.reader.post(first["pages"]["next"], json=body).json()
        assert [*ids(first), *ids(second)] == names[:1001]

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"searchFilters": [{"key": "colour", "values": ["red"]}]}, "searchFilters[0].key is not a filter: colour"),
            ({"searchFilters": [{"key": "ssid", "values": []}]}, "searchFilters[0].values must hold 1 to 100 values"),
            ({"searchFilters": [{"key": "ssid", "values": ["x"] * 10_000}]}, "values must hold 1 to 100 values"),
            ({"searchFilters": [{"key": "ssid"}]}, "searchFilters[0].values"),
            ({"searchFilters": [{"key": "ssid", "values": "x"}]}, "searchFilters[0].values"),
            ([], ""),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, stage: Stage, body: Any, reason: str) -> None:
        answer = self.post(stage.reader, body)
        assert answer.status_code == 400
        assert reason in answer.json()["errorMessage"]

    def test_what_is_not_json_is_refused(self, stage: Stage) -> None:
        answer = stage.reader.post(SESSIONS, content=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert "not JSON" in answer.json()["errorMessage"]
        other = stage.reader.post(
            SESSIONS, content=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert other.status_code == 415


def test_what_real_clients_do_works(stage: Stage) -> None:
    deliver(stage, measured())
    secret = stage.reader.secret
    for path, headers in (
        (f"{SESSIONS}?format=json", {"Accept": "*/*"}),
        (f"{SESSIONS}?aid=", {}),
        (f"{SESSIONS}?aid=1&aid=1&window=1s&window=9999w", {}),
        (f"{SESSIONS}/", {}),
        (f"{SESSIONS}.json/", {}),
        ("/endpoint-data/user-sessions.json", {}),
        (SESSIONS, {"Authorization": f"bearer {secret}"}),
        (SESSIONS, {"Content-Type": "application/json"}),
        (f"{SESSIONS}?colour=red", {}),
    ):
        answer = stage.reader.get(path, headers=headers)
        assert (path, answer.status_code) == (path, 200)
        assert len(answer.json()[KEY]) == 1
        assert answer.json()["pages"] == {"current": 1}
        assert not {"error", "errorMessage"} & answer.json().keys()
    body = stage.reader.request("GET", SESSIONS, content=b"{}", headers={"Content-Type": "application/json"})
    assert body.status_code == 200


def test_basic_comes_only_after_a_challenge(stage: Stage) -> None:
    answer = stage.nobody.get(SESSIONS)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json().keys() == {"errorMessage", "error"}


def test_another_version_is_sent_to_this_one(stage: Stage) -> None:
    for version in (4, 5, 7):
        answer = stage.reader.get(f"/v{version}/endpoint-data/user-sessions.json?window=1h", follow_redirects=False)
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"{SESSIONS}.json?window=1h"


def test_everybody_gets_what_is_theirs(stage: Stage) -> None:
    deliver(stage, measured())
    found = {name: stage.people[name].get(SESSIONS) for name in stage.people}
    assert {name: answer.status_code for name, answer in found.items()} == {
        "owner": 200,
        "recorder": 200,
        "reader": 200,
        "clerk": 200,
        "outsider": 403,
        "stranger": 200,
        "nobody": 401,
    }
    told = {name: len(answer.json().get(KEY, [])) for name, answer in found.items()}
    assert told == {"owner": 1, "recorder": 1, "reader": 1, "clerk": 0, "outsider": 0, "stranger": 0, "nobody": 0}


def test_the_account_group_chooses_among_the_callers_own(stage: Stage) -> None:
    deliver(stage, measured(), organisation=2)
    stage.core.registry.add_member(2, stage.reader.email, "Readers")
    reader = stage.roaming(stage.reader)
    assert len(reader.get(f"{SESSIONS}?aid=2").json()[KEY]) == 1
    assert len(reader.get(SESSIONS).json()[KEY]) == 0
    groups = reader.get("/v6/account-groups?aid=2").json()["accountGroups"]
    assert groups == [
        {"accountGroupName": "Acme", "aid": 1, "current": 0, "default": 1},
        {"accountGroupName": "Beta", "aid": 2, "current": 1, "default": 0},
    ]
