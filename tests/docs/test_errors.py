"""The tables of errors in the documents are those of the code."""

import re
from pathlib import Path

import pytest

from sojourn.api.activity_v2.errors import CODES
from sojourn.core import errors as core
from sojourn.core.errors import SojournError
from sojourn.web.access import AccessUnavailable
from sojourn.web.errors import InternalError, NotServed, fault, problem_body
from sojourn.web.limits import TooMany
from sojourn.web.wire import NotAcceptable, TooLarge, Unsupported

DOCS = Path(__file__).parent.parent.parent / "docs"
WARNINGS = {4100}

SAMPLES: list[SojournError] = [
    core.Invalid("limit", "must be a number"),
    core.Missing("module"),
    core.Unauthenticated(),
    core.Forbidden("Write"),
    core.Unknown("session", 1),
    NotServed(404),
    NotServed(405),
    NotAcceptable("application/json"),
    core.Ended(1),
    core.Exists("session", 1),
    core.Held("session", 1),
    TooLarge(1),
    Unsupported("text/plain"),
    core.KeyReused("key"),
    TooMany(1, "Too many"),
    InternalError(),
    core.Busy(),
    core.Unavailable(),
    AccessUnavailable(),
]


def statuses() -> dict[type[SojournError], set[int]]:
    told: dict[type[SojournError], set[int]] = {}
    for error in SAMPLES:
        told.setdefault(type(error), set()).add(fault(error).status)
    return told


def cells(document: str) -> list[list[str]]:
    rows = re.findall(r"^\| (.+) \|$", (DOCS / document).read_text(), flags=re.MULTILINE)
    return [row.split(" | ") for row in rows]


def numbers(cell: str) -> set[int]:
    return {int(number) for number in cell.split(", ")}


def test_the_reference_tells_every_error_with_its_status_code_and_type() -> None:
    told = {
        name: (numbers(status), int(code), kind) for name, status, code, kind, _ in cells("reference/errors.md")[1:]
    }
    assert told == {
        type(error).__name__: (
            statuses()[type(error)],
            CODES[type(error)],
            f"`{problem_body(fault(error))['type']}`",
        )
        for error in SAMPLES
    }


def test_the_page_of_the_dialect_tells_every_code_with_its_status() -> None:
    rows = [row for row in cells("dialects/activity-v2.md") if re.fullmatch(r"\d{4}", row[0])]
    told = {int(row[0]): numbers(row[1]) for row in rows if len(row) == 3}
    assert told == {code: statuses()[kind] for kind, code in CODES.items()}
    assert {int(row[0]) for row in rows if len(row) == 2} == WARNINGS


def test_the_samples_are_all_errors_that_have_a_code() -> None:
    assert set(statuses()) == set(CODES)


@pytest.mark.parametrize("document", ["reference/errors.md", "dialects/activity-v2.md", "dialects/native-v1.md"])
def test_every_link_between_the_pages_leads_somewhere(document: str) -> None:
    page = DOCS / document
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_operation_of_the_family_is_told() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in cells("dialects/activity-v2.md") if row[0].startswith("`")}
    assert told["record-a-session"] == "POST /v2/activitySessions/{sessionId}/activities"
    assert {"end-session", "generate-oauth-token", "patch-information-on-the-session-activity"} <= set(told)
