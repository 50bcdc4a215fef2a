"""`GET` and `DELETE /api/v1/visits/{userSessionId}`, and its HAR."""

import pytest

from tests.api.native_v1.traveller import AGENTS, HAR, VISITS, deliver, found, visit
from tests.stage import Persona, Stage


def name_of(who: Persona, **changes: object) -> str:
    (name,) = deliver(who, visit(**changes))  # type: ignore[arg-type]
    return name


def test_it_is_told_with_its_score_and_where_it_came_from(stage_on_each: Stage) -> None:
    name = name_of(stage_on_each.recorder)
    told = stage_on_each.reader.get(f"{VISITS}/{name}").json()
    body = visit()
    assert told == {
        **body,
        "date": "2026-11-23T12:00:00.000000Z",
        "pages": [{**body["pages"][0], "startedDateTime": "2026-11-23T12:00:00.000000Z"}],
        "id": 2**40,
        "userSessionId": name,
        "organisation": 1,
        "roundId": 1_795_435_200,
        "committed": "2026-11-23T12:04:05.123456Z",
        "sourceAddr": "127.0.0.1",
        "numberOfPages": 1,
        "experienceScore": 0.875,
        "hasHar": False,
    }


def test_its_id_may_be_percent_encoded(stage: Stage) -> None:
    name = name_of(stage.recorder)
    assert stage.reader.get(f"{VISITS}/{name.replace(':', '%3A')}").json()["userSessionId"] == name


@pytest.mark.parametrize("tail", ["", "/har"])
def test_a_wrong_id_is_unknown(stage_on_each: Stage, tail: str) -> None:
    name = name_of(stage_on_each.recorder, har=HAR)
    group, round_id, code = name.split(":")
    assert stage_on_each.reader.get(f"{VISITS}/{name}{tail}").status_code == 200
    for wrong in (
        f"{group}:{int(round_id) + 60}:{code}",
        f"00002:{round_id}:{code}",
        f"{group}:{round_id}:0000000Z",
        f"{group}:{round_id}",
        "1",
    ):
        assert stage_on_each.reader.get(f"{VISITS}/{wrong}{tail}").status_code == 404, wrong
        assert stage_on_each.owner.delete(f"{VISITS}/{wrong}").status_code == 404, wrong
    assert stage_on_each.reader.get(f"{VISITS}/{name}{tail}").status_code == 200


def test_others_do_not_know_it(stage_on_each: Stage) -> None:
    name = name_of(stage_on_each.recorder, har=HAR)
    for who, status in (("stranger", 404), ("clerk", 404), ("outsider", 403), ("nobody", 401)):
        for tail in ("", "/har"):
            assert stage_on_each.people[who].get(f"{VISITS}/{name}{tail}").status_code == status


def test_a_parameter_that_is_not_known_is_refused(stage: Stage) -> None:
    name = name_of(stage.recorder)
    assert stage.reader.get(f"{VISITS}/{name}?include=har").status_code == 400


class TestHar:
    def test_where_none_was_delivered_there_is_none(self, stage_on_each: Stage) -> None:
        assert stage_on_each.reader.get(f"{VISITS}/{name_of(stage_on_each.recorder)}/har").status_code == 404

    def test_it_is_json(self, stage: Stage) -> None:
        response = stage.reader.get(f"{VISITS}/{name_of(stage.recorder, har=HAR)}/har")
        assert response.headers["content-type"] == "application/json"
        assert response.json() == HAR


class TestDelete:
    def test_nothing_is_left(self, stage_on_each: Stage) -> None:
        kept = name_of(stage_on_each.recorder)
        before = stage_on_each.dump()
        gone = name_of(stage_on_each.recorder, har=HAR, visitedSite="gone.example.org")
        assert stage_on_each.owner.delete(f"{VISITS}/{gone}").status_code == 204
        after = stage_on_each.dump()
        assert {**after, "counter": None, "token": None} == {**before, "counter": None, "token": None}
        assert stage_on_each.reader.get(f"{VISITS}/{gone}").status_code == 404
        assert [item["userSessionId"] for item in found(stage_on_each.reader)] == [kept]

    def test_deleted_twice_with_a_key_it_is_told_the_same(self, stage_on_each: Stage) -> None:
        name = name_of(stage_on_each.recorder)
        for _ in range(2):
            response = stage_on_each.owner.delete(f"{VISITS}/{name}", headers={"Idempotency-Key": "once"})
            assert response.status_code == 204
        assert stage_on_each.owner.delete(f"{VISITS}/{name}").status_code == 404

    @pytest.mark.parametrize(
        ("who", "status"),
        [("nobody", 401), ("outsider", 403), ("reader", 403), ("recorder", 403), ("clerk", 403), ("stranger", 404)],
    )
    def test_who_may_not_is_refused(self, stage: Stage, who: str, status: int) -> None:
        name = name_of(stage.recorder)
        assert stage.people[who].delete(f"{VISITS}/{name}").status_code == status
        assert stage.reader.get(f"{VISITS}/{name}").status_code == 200

    def test_its_agent_stays(self, stage: Stage) -> None:
        stage.owner.delete(f"{VISITS}/{name_of(stage.recorder)}")
        assert stage.reader.get(f"{AGENTS}/agent-1").status_code == 200
