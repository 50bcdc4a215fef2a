"""What the server tells of itself, and what is answered outside of every dialect."""

import pytest

from sojourn.core.errors import Unavailable
from tests.stage import Stage


@pytest.mark.parametrize("where", ["/healthz", "/readyz"])
def test_it_is_well(stage_on_each: Stage, where: str) -> None:
    told = stage_on_each.nobody.get(where)
    assert (told.status_code, told.json()) == (200, {"status": "ok"})


def test_it_is_alive_but_not_ready_without_its_database(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise Unavailable

    monkeypatch.setattr(stage.core.registry, "epoch", fail)
    assert stage.nobody.get("/healthz").status_code == 200
    told = stage.nobody.get("/readyz")
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json")
    assert told.headers["retry-after"] == "2"
    assert told.json()["type"] == "urn:sojourn:error:access-unavailable"


@pytest.mark.parametrize(
    "where", ["/nothing", "/v2x", "/V2/activitySessions", "/v4", "/openapi.yaml", "/docs/", "/x//"]
)
def test_a_path_outside_of_every_dialect_is_a_plain_problem(stage: Stage, where: str) -> None:
    told = stage.owner.get(where)
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    assert told.json() == {
        "type": "urn:sojourn:error:not-served",
        "title": "Not served",
        "status": 404,
        "detail": "There is nothing at this path",
    }


@pytest.mark.parametrize("where", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/style.css"])
def test_what_can_only_be_read_is_not_written(stage: Stage, where: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        told = stage.owner.request(method, where)
        assert (told.status_code, told.headers["allow"]) == (405, "GET")
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json()["status"] == 405
    assert stage.nobody.request("HEAD", where).status_code == 200
