"""Commands as they are typed: in this process where they end by themselves, in one of their own where they serve."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from sojourn.cli import main
from sojourn.services import Services
from tests.companies import fill, opened
from tests.stage import Clock

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`sojourn` on a fresh database of either engine."""
    monkeypatch.setenv("SOJOURN_DATABASE", database_url)
    return _runner


@pytest.fixture
def run_on_sqlite(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`sojourn` on a fresh database in a file."""
    monkeypatch.setenv("SOJOURN_DATABASE", sqlite_url)
    return _runner


def _runner(*words: str, code: int = 0, **more: object) -> Result:
    """Run a command; its exit code is as expected (-1: either 0 or 1), and no failure is a traceback."""
    result = CliRunner().invoke(main, words, **more)  # type: ignore[arg-type]
    assert result.exit_code in ((0, 1) if code == -1 else (code,)), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def company(database_url: str) -> Iterator[Services]:
    """The core on the same database, with an owner and six sessions in it."""
    with opened(database_url, Clock()) as core:
        fill(core)
        yield core
