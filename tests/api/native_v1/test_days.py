"""`GET /api/v1/sessions/days`."""

import pytest

from tests.api.native_v1.samples import activity, on_day, opened
from tests.stage import Stage

PATH = "/api/v1/sessions/days"


def test_it_tells_how_many_began_on_each_day(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.core.registry.change_organisation(1, time_zone="Pacific/Chatham")
    opened(stage.recorder, startedAt=on_day("09:00:00"), activities=[activity(entityId="7")])
    opened(stage.recorder, "bob", startedAt=on_day("10:14:59"))
    opened(stage.recorder, "bob", startedAt=on_day("10:15:00"))

    told = stage.reader.get(PATH).json()

    day = on_day("09:00:00")[:10]
    assert [item["sessions"] for item in told["items"]] == [2, 1]
    assert told["items"][0]["day"] == day
    assert (told["total"], told["timeZone"]) == (3, "Pacific/Chatham")
    assert stage.reader.get(PATH, params={"timeZone": "UTC"}).json()["items"] == [{"day": day, "sessions": 3}]
    for found, params in ((2, {"login": "bob"}), (1, {"entityId": "7"}), (1, {"startedFrom": on_day("10:15:00")})):
        assert stage.reader.get(PATH, params=params).json()["total"] == found


def test_somebody_narrowed_is_told_of_their_own_alone(stage_on_each: Stage) -> None:
    opened(stage_on_each.recorder, "anna")
    opened(stage_on_each.clerk, "clerk")
    assert stage_on_each.clerk.get(PATH).json()["total"] == 1
    assert stage_on_each.stranger.get(PATH).json() == {"items": [], "timeZone": "UTC", "total": 0}


@pytest.mark.parametrize("name", ["Mars/Olympus", "../UTC", "/etc/passwd", "x\u0001"])
def test_a_time_zone_that_is_none_is_refused(stage: Stage, name: str) -> None:
    told = stage.reader.get(PATH, params={"timeZone": name})
    assert (told.status_code, told.json()["type"]) == (400, "urn:sojourn:error:invalid")
