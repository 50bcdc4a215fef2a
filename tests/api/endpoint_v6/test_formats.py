"""JSON and XML: which one is told, and that every XML answer is as its schema says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import xmlschema

from tests.api.endpoint_v6.agents import HAR, SESSIONS, deliver, measured
from tests.stage import Stage

JSON, XML = "application/json", "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "accept", "told"),
    [
        (SESSIONS, None, JSON),
        (SESSIONS, "*/*", JSON),
        (SESSIONS, "text/xml", XML),
        (SESSIONS, "application/xml", XML),
        (SESSIONS, "application/json", JSON),
        (SESSIONS, "text/html, application/xml;q=0.9, */*;q=0.8", XML),
        (SESSIONS, "application/json;q=0.1, text/xml", XML),
        (f"{SESSIONS}?format=xml", None, XML),
        (f"{SESSIONS}?format=xml", "*/*", XML),
        (f"{SESSIONS}?format=xml", "application/json", JSON),
        (f"{SESSIONS}?format=json", "*/*", JSON),
        (f"{SESSIONS}.xml", "application/json", XML),
        (f"{SESSIONS}.xml?format=json", None, XML),
        (f"{SESSIONS}.json", "text/xml", JSON),
        (f"{SESSIONS}.json", "image/png", JSON),
    ],
)
def test_the_suffix_wins_then_accept_then_the_parameter(stage: Stage, path: str, accept: str | None, told: str) -> None:
    answer = stage.reader.get(path, headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == told


def test_what_neither_format_satisfies_is_not_acceptable(stage: Stage) -> None:
    answer = stage.reader.get(SESSIONS, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == JSON


@pytest.fixture
def schema(stage: Stage) -> xmlschema.XMLSchema:
    served = stage.nobody.get("/v6/endpoint-data/schema.xsd")
    assert served.status_code == 200
    return xmlschema.XMLSchema(served.text)


def answers(stage: Stage) -> Iterator[httpx.Response]:
    """An answer of every path, and of every sort of error, as XML."""
    name, *_ = deliver(stage, replace(measured(), har=HAR), measured())
    for path in (
        SESSIONS,
        f"{SESSIONS}?window=9999w",
        f"{SESSIONS}/{name}",
        f"{SESSIONS}/{name}/page/page_0",
        f"{SESSIONS}/web",
        f"{SESSIONS}/network",
        "/v6/account-groups",
        "/v6/endpoint-agents",
        "/v6/endpoint-agents/3fde6422-f119-40e1-ae32-d08a1243c038",
        "/v6/status",
        "/v6/nothing",
        f"{SESSIONS}?window=5y",
        f"{SESSIONS}/nonsense",
        f"{SESSIONS}/{name}/page/nonsense",
    ):
        yield stage.reader.get(path, headers={"Accept": "text/xml"})
    yield stage.nobody.get(f"{SESSIONS}.xml")
    yield stage.outsider.get(f"{SESSIONS}.xml")
    yield stage.reader.delete(f"{SESSIONS}.xml")


def test_every_xml_answer_is_as_the_schema_says(stage: Stage, schema: xmlschema.XMLSchema) -> None:
    for answer in answers(stage):
        assert answer.headers["Content-Type"] == XML
        schema.validate(answer.text)


def test_xml_tells_what_json_tells(stage: Stage, schema: xmlschema.XMLSchema) -> None:
    (name,) = deliver(stage, measured())
    as_json = stage.reader.get(f"{SESSIONS}/{name}.json").json()
    as_xml = schema.to_dict(stage.reader.get(f"{SESSIONS}/{name}.xml").text)
    assert pruned(as_xml) == pruned(as_json)


def pruned(value: object) -> object:
    """Without empty lists, which XML cannot tell, and with all numbers alike."""
    if isinstance(value, dict):
        return {key: pruned(item) for key, item in value.items() if item != []}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_the_schema_of_the_docs_is_the_one_that_is_served(stage: Stage) -> None:

    kept = Path(__file__).parents[3] / "docs/dialects/endpoint-v6.xsd"
    assert kept.read_text() == stage.nobody.get("/v6/endpoint-data/schema.xsd").text


def test_what_xml_cannot_hold_is_replaced(stage: Stage, schema: xmlschema.XMLSchema) -> None:
    pages = (replace(measured().pages[0], title="a\x0bb <&> \ufffe ]]>"),)
    (name,) = deliver(stage, replace(measured(), pages=pages))
    told = stage.reader.get(f"{SESSIONS}/{name}.xml").text
    schema.validate(told)
    assert "<title>a\ufffdb &lt;&amp;&gt; \ufffd ]]&gt;</title>" in told
