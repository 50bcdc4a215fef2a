"""A stage for tests that leave nothing behind."""

from collections.abc import Iterator

import pytest

from tests.api.activity_v2.care_desk import end, opened, record
from tests.stage import Stage, staged

RUNNING, OVER = 1, 2


@pytest.fixture(scope="module")
def quiet_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage that a module's tests share, each of which stores nothing: session 1 runs, session 2 is over.

    Beta has sessions of its own, the highest of which Acme has not.
    """
    with staged(f"sqlite:///{tmp_path_factory.mktemp('quiet') / 'sojourn.db'}") as stage:
        assert [opened(stage.recorder), opened(stage.recorder)] == [RUNNING, OVER]
        record(stage.recorder, RUNNING, "98662653")
        end(stage.recorder, OVER)
        for _ in range(5):
            opened(stage.stranger)
        yield stage
