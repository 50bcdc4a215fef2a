"""What the document promises is tried with data that nobody would think of: no 5xx, nothing that is not told."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests import postgres
from tests.api.activity_v2.care_desk import ACTIVITY, opened, record
from tests.stage import Stage, staged

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
"""Not that all valid data are accepted: a schema cannot say which text is a time, or which numbers go together."""

CREDENTIALS = ("authorization", "apikey", "x-cap-api-oauth-token", "x-organisation")
"""What a case makes up of these would end it at the door."""


def described() -> dict[str, Any]:
    """The document of a server with all dialects."""
    with tempfile.TemporaryDirectory() as folder, staged(f"sqlite:///{folder}/sojourn.db") as stage:
        return dict(stage.nobody.get("/openapi.json").json())


DOCUMENT = described()
ADMINISTRATION = ("organisation", "members", "invitations", "access-groups", "tokens")
"""What the cases change of these, they change in an organisation that nothing else is tried in."""

ENDLESS = "text/event-stream"
"""An answer of this type has no end: no case can wait for it. Its own tests hold it to its promises."""

OPERATIONS = [
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
    if ENDLESS not in told["responses"].get("200", {}).get("content", {})
]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)

every_operation = pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context: object, value: object) -> bytes:
    """One line."""
    return msgspec.json.encode(value) + b"\n"


@contextmanager
def furnished(url: str) -> Iterator[Stage]:
    """A stage with something to find on it."""
    with staged(url) as stage:
        for _ in range(3):
            record(stage.owner, opened(stage.owner), ACTIVITY)
        yield stage


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with furnished(f"sqlite:///{tmp_path_factory.mktemp('tried') / 'sojourn.db'}") as stage:
        yield stage


@pytest.fixture(scope="module")
def on_postgres(postgres_server: postgres.Server) -> Iterator[Stage]:
    with postgres_server.database() as url, furnished(url) as stage:
        yield stage


def send(stage: Stage, case: schemathesis.Case[Any]) -> httpx.Response:
    """The case as `requests` would send it, to the stage."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://sojourn.example")).prepare()
    assert prepared.method
    assert prepared.url
    made_up = {name: value for name, value in prepared.headers.items() if name.lower() not in CREDENTIALS}
    alone = case.path.removeprefix("/api/v1/").startswith(ADMINISTRATION)
    headers = {**made_up, **(stage.stranger if alone else stage.owner).headers}
    return stage.send(prepared.method, prepared.url, headers=headers, content=prepared.body)


def try_out(stage: Stage, method: str, path: str, examples: int) -> None:
    """Send an operation that many cases; what the document promises must hold for each."""

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(case=SCHEMA[path][method].as_strategy())
    def keeps_its_promises(case: schemathesis.Case[Any]) -> None:
        case.validate_response(send(stage, case), checks=CHECKS)

    keeps_its_promises()
    for who in (stage.owner, stage.stranger):  # nothing that a case made up has locked anybody out
        assert who.get("/api/v1/members").status_code == 200


@every_operation
def test_an_operation_keeps_what_the_document_promises(on_postgres: Stage, method: str, path: str) -> None:
    try_out(on_postgres, method, path, 10)  # the stricter of the two


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@every_operation
def test_an_operation_keeps_it_for_long(request: pytest.FixtureRequest, engine: str, method: str, path: str) -> None:
    try_out(request.getfixturevalue(f"on_{engine}"), method, path, 100)
