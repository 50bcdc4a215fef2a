"""`GET /api/v1/system`: how the server is doing."""

import io

from tests.api.native_v1.samples import NOW, SESSIONS, opened, problem
from tests.stage import Stage

PATH = "/api/v1/system"


def test_it_tells_what_was_done_and_what_is_kept(stage_on_each: Stage) -> None:
    stage = stage_on_each
    opened(stage.recorder)
    stage.recorder.post(f"{SESSIONS}/{opened(stage.recorder)}/end", json={})
    opened(stage.stranger)
    told = stage.owner.get(PATH).json()
    assert (told["sessions"], told["running"]) == (2, 1)
    assert told["queue"]["waiting"] == 0
    assert told["writes"] >= 4
    assert 1 <= told["commits"] <= told["writes"]
    assert told["bytes"] > 10_000
    assert told["failures"] == 0
    assert "lastBackupAt" not in told


def test_it_tells_of_the_last_backup(stage_on_each: Stage) -> None:
    stage_on_each.core.back_up(io.BytesIO(), lambda done, of: None)
    assert stage_on_each.owner.get(PATH).json()["lastBackupAt"] == NOW


def test_it_is_for_those_who_administer(stage: Stage) -> None:
    for persona in (stage.recorder, stage.reader, stage.outsider):
        answer = persona.get(PATH)
        assert answer.json() == problem("forbidden", 403, "This needs Read access to Administration")
    assert stage.nobody.get(PATH).status_code == 401
    assert stage.owner.get(PATH, params={"a": "b"}).status_code == 400
