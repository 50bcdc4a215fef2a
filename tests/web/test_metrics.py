"""What is measured of the process."""

import re

from sojourn.web.metrics import Metrics
from tests.api.activity_v2.care_desk import SESSIONS, opened, path, record
from tests.stage import Stage


def measured(stage: Stage) -> dict[str, float]:
    """Every meter with its labels, as `/metrics` tells it."""
    told = stage.nobody.get("/metrics")
    assert told.status_code == 200
    assert told.headers["content-type"].startswith("text/plain")
    lines = [line for line in told.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def requests(operation: str, method: str, status: int) -> str:
    return f'sojourn_requests_total{{method="{method}",operation="{operation}",status="{status}"}}'


def test_requests_are_counted_by_operation_and_status(stage: Stage) -> None:
    session = opened(stage.owner)
    record(stage.owner, session, "a")
    record(stage.owner, session, "")
    for _ in range(3):
        stage.reader.get(SESSIONS)
    stage.nobody.get(SESSIONS)
    told = measured(stage)
    assert told[requests("create-an-activity-session", "POST", 200)] == 1
    assert told[requests("record-a-session", "POST", 200)] == 1
    assert told[requests("record-a-session", "POST", 400)] == 1
    assert told[requests("retrieve-session-details", "GET", 200)] == 3
    assert told[requests("retrieve-session-details", "GET", 401)] == 1
    assert told['sojourn_request_seconds_count{operation="retrieve-session-details"}'] == 4


def test_transactions_are_measured(stage: Stage) -> None:
    opened(stage.owner)
    opened(stage.owner)
    told = measured(stage)
    assert told["sojourn_commit_batch_size_count"] == 2
    assert told["sojourn_commit_batch_size_sum"] == 2
    assert told["sojourn_commit_seconds_count"] == 2
    assert told["sojourn_commit_seconds_sum"] > 0
    assert told["sojourn_write_queue_length"] == 0
    assert told["sojourn_write_queue_seconds"] == 0


def test_a_caller_cannot_make_meters_of_their_own(stage: Stage) -> None:
    before = set(measured(stage))
    for number in range(20):
        stage.nobody.get(f"/nothing/{number}")
        stage.nobody.get(path(number))
        stage.nobody.request(f"MADEUP{number}", "/nothing")
        stage.nobody.request(f"MADEUP{number}", SESSIONS)
    fresh = set(measured(stage)) - before
    assert len([name for name in fresh if name.startswith("sojourn_requests_total")]) < 8
    assert not [name for name in fresh if re.search("MADEUP|nothing", name)]


def test_sessions_closed_for_idleness_are_counted() -> None:
    metrics = Metrics()
    metrics.closed(3)
    assert metrics.registry.get_sample_value("sojourn_sessions_closed_idle_total") == 3


def test_two_servers_in_one_process_measure_apart() -> None:
    Metrics().closed(1)
    assert Metrics().registry.get_sample_value("sojourn_sessions_closed_idle_total") == 0
