"""`/api/v1/access-groups`."""

from tests.stage import Stage

GROUPS = "/api/v1/access-groups"
AUDITORS = f"{GROUPS}/Auditors"


def test_one_is_made_changed_and_dropped(stage_on_each: Stage) -> None:
    owner = stage_on_each.owner
    made = owner.put(AUDITORS, json={"access": {"activitySessions": "read", "loginSessions": "read"}})
    assert made.status_code == 201
    assert made.json() == {
        "name": "Auditors",
        "access": {
            "activitySessions": "read",
            "loginSessions": "read",
            "endpointSessions": "none",
            "administration": "none",
        },
    }
    assert owner.get(AUDITORS).json() == made.json()

    changed = owner.put(AUDITORS, json={"access": {"endpointSessions": "write"}})
    assert changed.status_code == 200
    assert changed.json()["access"] == {
        "activitySessions": "none",
        "loginSessions": "none",
        "endpointSessions": "write",
        "administration": "none",
    }
    assert owner.get(AUDITORS).json() == changed.json()
    assert owner.delete(AUDITORS).status_code == 204
    assert owner.get(AUDITORS).status_code == owner.delete(AUDITORS).status_code == 404


def test_all_of_them_are_told_by_name(stage: Stage) -> None:
    told = stage.owner.get(GROUPS).json()
    assert [group["name"] for group in told["items"]] == ["Outsiders", "Owners", "Readers", "Recorders"]
    assert set(told["items"][1]["access"].values()) == {"write"}


def test_a_name_may_hold_spaces_and_slashes(stage: Stage) -> None:
    path = f"{GROUPS}/Night%20shift/North"
    assert stage.owner.put(path, json={"access": {}}).json()["name"] == "Night shift/North"
    assert stage.owner.get(path).status_code == 200
    assert stage.owner.delete(path).status_code == 204


def test_a_name_is_trimmed(stage: Stage) -> None:
    assert stage.owner.put(f"{GROUPS}/%20Readers%20", json={"access": {}}).status_code == 200
    assert stage.owner.get(f"{GROUPS}/Readers").json()["access"]["loginSessions"] == "none"


def test_each_organisation_has_its_own(stage: Stage) -> None:
    stage.owner.put(AUDITORS, json={"access": {}})
    assert stage.stranger.get(AUDITORS).status_code == 404
    assert stage.stranger.put(AUDITORS, json={"access": {"loginSessions": "read"}}).status_code == 201
    assert stage.owner.get(AUDITORS).json()["access"]["loginSessions"] == "none"
