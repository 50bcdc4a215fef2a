"""What is refused, and how: as a problem whose `detail` names the parameter."""

from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any

import pytest

from tests.api.ekran.workplace import PRODUCTIVITY, SESSIONS, refusal, work
from tests.stage import Stage, basic, staged

OPERATIONS = [("GET", SESSIONS), ("POST", SESSIONS), ("GET", PRODUCTIVITY)]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage that the module's tests share: they change nothing."""
    with staged(f"sqlite:///{tmp_path_factory.mktemp('quiet') / 'sojourn.db'}") as stage:
        work(stage, "10:00", "11:00", who="anna")
        work(stage, "12:00", "13:00", who="clerk")
        yield stage


BAD_WINDOWS: Mapping[str, tuple[dict[str, str], str]] = {
    "a word": ({"start": "yesterday"}, "start must be a time such as 2023-07-13T09:47:03Z"),
    "month 13": ({"start": "2021-13-01"}, "start must be a time that exists"),
    "30 February": ({"start": "2021-02-30"}, "start must be a time that exists"),
    "hour 25": ({"end": "2021-04-01T25:00"}, "end must be a time that exists"),
    "nothing": ({"start": ""}, "start must not be empty"),
    "blanks": ({"end": "  "}, "end must not be empty"),
    "a number": ({"end": "1617235200"}, "end must be a time such as 2023-07-13T09:47:03Z"),
    "a null": ({"start": "null"}, "start must be a time such as 2023-07-13T09:47:03Z"),
    "half a time": ({"start": "2021-04-01T12"}, "start must be a time such as 2023-07-13T09:47:03Z"),
    "an offset that does not exist": ({"end": "2021-04-01T12:00+25:00"}, "end must be a time that exists"),
    "the end before the start": ({"start": "2021-04-02", "end": "2021-04-01"}, "end must not be before start"),
    "the end before the start, by offset": (
        {"start": "2021-04-01T12:00Z", "end": "2021-04-01T13:00+02:00"},
        "end must not be before start",
    ),
}


@pytest.mark.parametrize("name", BAD_WINDOWS)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_bad_window_is_refused_with_the_parameters_name(quiet: Stage, method: str, path: str, name: str) -> None:
    window, detail = BAD_WINDOWS[name]
    assert refusal(quiet.reader.request(method, path, params=window), 400).startswith(detail)


@pytest.mark.parametrize("name", BAD_WINDOWS)
def test_a_bad_window_in_a_body_is_refused_with_the_fields_name(quiet: Stage, name: str) -> None:
    window, detail = BAD_WINDOWS[name]
    assert refusal(quiet.reader.post(SESSIONS, json=window), 400).startswith(detail)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_parameter_given_twice_is_refused(quiet: Stage, method: str, path: str) -> None:
    told = quiet.reader.request(method, f"{path}?start=2021-04-01&start=2021-04-02")
    assert refusal(told, 400) == "start must not be given twice"


COUNT = "sessionCount must be a number from 0 to 1000"
INDEX = "pageIndex must be a number from 0 to 2147483647"


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("sessionCount", "1001", COUNT),
        ("sessionCount", "-1", COUNT),
        ("sessionCount", "abc", COUNT),
        ("sessionCount", "", COUNT),
        ("sessionCount", "1.5", COUNT),
        ("sessionCount", "9" * 40, COUNT),
        ("pageIndex", "-1", INDEX),
        ("pageIndex", "abc", INDEX),
        ("pageIndex", "2147483648", INDEX),
    ],
)
def test_a_bad_page_in_the_query_string_is_refused(quiet: Stage, name: str, value: str, detail: str) -> None:
    assert refusal(quiet.reader.post(SESSIONS, params={name: value}), 400) == detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"sessionCount": 1001}, COUNT),
        ({"sessionCount": -1}, COUNT),
        ({"sessionCount": "abc"}, COUNT),
        ({"sessionCount": "5"}, COUNT),
        ({"sessionCount": None}, COUNT),
        ({"sessionCount": 1.5}, COUNT),
        ({"sessionCount": True}, COUNT),
        ({"pageIndex": -1}, INDEX),
        ({"pageIndex": "abc"}, INDEX),
        ({"start": 20210401}, "start must be a text"),
        ({"end": ["2021-04-01"]}, "end must be a text"),
        ([], "The body must be an object"),
        ("2021-04-01", "The body must be an object"),
        (None, "The body must be an object"),
    ],
    ids=str,
)
def test_a_bad_page_in_a_body_is_refused(quiet: Stage, body: Any, detail: str) -> None:
    assert refusal(quiet.reader.post(SESSIONS, content=spelled(body), headers=JSON), 400) == detail


JSON = {"Content-Type": "application/json"}


def spelled(body: Any) -> bytes:
    """Also of None, for which httpx would send nothing."""
    return dumps(body).encode()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"start=2021-04-01", "The body is not JSON"),
        (b"{", "The body is not JSON"),
        (b'{"start":"2021-04-01"', "The body is not JSON"),
        (b'{"sessionCount":NaN}', "The body is not JSON"),
        (b"\xff\xfe{}", "The body is not JSON"),
        (b'{"pageIndex":1,"pageIndex":2}', "pageIndex must not stand twice in an object"),
    ],
    ids=["a form", "a brace", "cut short", "NaN", "not UTF-8", "twice"],
)
def test_a_body_that_is_not_json_is_refused(quiet: Stage, body: bytes, detail: str) -> None:
    assert refusal(quiet.reader.post(SESSIONS, content=body, headers=JSON), 400).startswith(detail)


def test_a_body_of_another_type_or_size_is_refused(quiet: Stage) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    told = quiet.reader.post(SESSIONS, content=b"start=2021-04-01", headers=form)
    assert "application/x-www-form-urlencoded" in refusal(told, 415)
    assert "must not be larger" in refusal(quiet.reader.post(SESSIONS, content=b" " * (2**22 + 1), headers=JSON), 413)


def test_a_page_beyond_the_end_is_no_error(quiet: Stage) -> None:
    assert quiet.reader.post(SESSIONS, params={"pageIndex": 1}).json() == {"sessions": []}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", SESSIONS, "GET, POST"),
        ("DELETE", SESSIONS, "GET, POST"),
        ("PATCH", SESSIONS, "GET, POST"),
        ("POST", PRODUCTIVITY, "GET"),
        ("OPTIONS", PRODUCTIVITY, "GET"),
    ],
)
def test_a_method_that_is_not_served_is_refused_with_those_that_are(
    quiet: Stage, method: str, path: str, allowed: str
) -> None:
    told = quiet.reader.request(method, path)
    assert refusal(told, 405) == "This path does not take this method"
    assert told.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/ekranapi", "/ekranapi/", f"{SESSIONS}/", f"{SESSIONS}/124", "/ekranapi/user", "/ekranapi/x"]
)
def test_a_path_that_is_not_served_is_refused(quiet: Stage, path: str) -> None:
    assert refusal(quiet.reader.get(path), 404) == "There is nothing at this path"


class TestCredentials:
    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_without_any_nobody_is_let_in(self, quiet: Stage, method: str, path: str) -> None:
        told = quiet.nobody.request(method, path, params={"start": "yesterday"})
        assert refusal(told, 401) == "No valid credentials were given"
        assert told.headers["www-authenticate"].startswith("Basic ")

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    @pytest.mark.parametrize("key", ["", "wrong", "x" * 5000])
    def test_with_a_wrong_key_nobody_is_let_in(self, quiet: Stage, method: str, path: str, key: str) -> None:
        assert refusal(quiet.reader.bearing(ApiKey=key).request(method, path), 401)

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_a_key_a_token_and_a_password_are_as_good(self, quiet: Stage, method: str, path: str) -> None:
        reader = quiet.reader
        for headers in (
            {"ApiKey": reader.secret},
            {"apikey": reader.secret},
            {"Authorization": f"Bearer {reader.secret}"},
            {"Authorization": basic(reader.email, reader.secret)},
        ):
            assert reader.bearing(**headers).request(method, path).status_code == 200, headers

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_a_key_without_access_is_told_what_it_lacks(self, quiet: Stage, method: str, path: str) -> None:
        told = quiet.outsider.bearing(ApiKey=quiet.outsider.secret).request(method, path, params={"start": "yesterday"})
        assert refusal(told, 403) == "This needs Read access to Login Sessions"

    @pytest.mark.parametrize(
        ("name", "found"),
        [("owner", [1, 2]), ("recorder", [1, 2]), ("reader", [1, 2]), ("clerk", [2]), ("stranger", [])],
    )
    def test_everybody_is_told_what_they_may_see(self, quiet: Stage, name: str, found: list[int]) -> None:
        persona = quiet.people[name]
        for window in ({}, {"start": "2021-04-01"}, {"start": "2021-04-01T10:30", "end": "2021-04-01T12:30"}):
            listed = persona.get(SESSIONS, params=window).json()
            paged = persona.post(SESSIONS, params=window).json()["sessions"]
            assert [told["sessionId"] for told in listed] == [told["sessionId"] for told in paged] == found
        hours = {told["timeOfDay"] for told in persona.get(PRODUCTIVITY).json()}
        assert hours == {8 + 2 * number for number in found}

    def test_a_key_that_is_revoked_is_refused_at_once(self, stage_on_each: Stage) -> None:
        reader = stage_on_each.reader.bearing(ApiKey=stage_on_each.reader.secret)
        assert reader.get(SESSIONS).status_code == 200
        stage_on_each.core.registry.revoke(1, reader.token)
        assert refusal(reader.get(SESSIONS), 401)
