"""The description of the API is whole, valid, true to the server, and readable."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from sojourn.config import Settings
from sojourn.web.docs import POLICY
from sojourn.web.outline import Outline
from sojourn.web.page import curl
from tests.stage import Stage, staged

Document = dict[str, Any]

PUBLISHED = {
    "create-an-activity-session": ("post", "/v2/activitySessions"),
    "record-a-session": ("post", "/v2/activitySessions/{sessionId}/activities"),
    "add-information-on-the-session-activity": ("put", "/v2/activitySessions/{sessionId}"),
    "end-session": ("post", "/v2/activitySessions/{sessionId}/endSession"),
    "retrieve-session-details": ("get", "/v2/activitySessions"),
    "get-activity-session": ("get", "/v2/activitySessions/{sessionId}"),
}
"""The operations of the family `/v2/activitySessions`, by the vendor's own ids."""


@pytest.fixture
def document(stage: Stage) -> Document:
    told = stage.nobody.get("/openapi.json")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
    return dict(told.json())


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def examples(document: Document) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Every example with its schema, and where it stands."""
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        parts = [("the body", operation.get("requestBody", {}))]
        parts += [(f"answer {status}", resolved(document, answer)) for status, answer in operation["responses"].items()]
        for name, part in parts:
            for told in part.get("content", {}).values():
                values = [told["example"]] if "example" in told else []
                values += [example["value"] for example in told.get("examples", {}).values()]
                for value in values:
                    yield f"{name} of {place}", told["schema"], value
        for parameter in operation.get("parameters", []):
            schema = resolved(document, parameter)["schema"]
            for value in schema.get("examples", []):
                yield f"{place} parameter", schema, value


def resolved(document: Document, told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    found: Any = document
    for name in told["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def check(document: Document, schema: Mapping[str, Any], value: Any) -> None:
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(value)


def test_it_is_a_valid_openapi_document(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_has_the_vendors_operation_ids(document: Document) -> None:
    known = {operation["operationId"]: (method, path) for path, method, operation in operations(document)}
    assert PUBLISHED.items() <= known.items()


def test_every_operation_is_in_a_chapter_that_is_told_of(document: Document) -> None:
    told = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {tag for _, _, operation in operations(document) for tag in operation["tags"]} == told


def test_every_schema_is_named_after_its_chapter(document: Document) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    assert {name.partition(".")[0] for name in document["components"]["schemas"]} <= tags


def test_every_json_body_and_answer_has_an_example(document: Document) -> None:
    without = []
    for path, method, operation in operations(document):
        if path == "/openapi.json":
            continue  # it is the example itself
        for told in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for kind, content in resolved(document, told).get("content", {}).items():
                if kind.endswith("json") and "example" not in content and not content.get("examples"):
                    without.append((method, path))
    assert without == []


def test_every_example_is_what_its_schema_says(document: Document) -> None:
    told = list(examples(document))
    assert len(told) > 40
    for place, schema, value in told:
        try:
            check(document, schema, value)
        except jsonschema_rs.ValidationError as error:
            pytest.fail(f"{place}: {error.message}")


def test_the_examples_can_be_played_and_answer_what_they_show(document: Document, stage: Stage) -> None:
    """One session, from its opening to its end, with the bodies of the document."""
    for name, (method, path) in PUBLISHED.items():
        operation = document["paths"][path][method]
        shown = operation["responses"]["200"]["content"]["application/json"]
        body = operation.get("requestBody")
        sent = body["content"]["application/json"]["example"] if body else None
        told = stage.recorder.request(method.upper(), path.format(sessionId=1), json=sent)
        assert told.status_code == 200, (name, told.text)
        check(document, shown["schema"], told.json())
        assert shape(told.json()) == shape(shown["example"]), name


def shape(value: Any) -> Any:
    """The names and types of a document, without its values."""
    match value:
        case dict():
            return {name: shape(inner) for name, inner in value.items()}
        case list():
            return [shape(inner) for inner in value]
    return type(value).__name__


def test_every_path_of_it_is_served(document: Document, stage: Stage) -> None:
    for path, method, operation in operations(document):
        told = stage.nobody.request(method.upper(), re.sub(r"{\w+}", "1", path))
        expected = 401
        if operation.get("security") == []:
            expected = 400 if "requestBody" in operation else int(min(operation["responses"]))  # it must have a body
        assert told.status_code == expected, (method, path, told.text)


def test_every_write_of_the_sessions_takes_an_idempotency_key(document: Document) -> None:
    for path, method, operation in operations(document):
        if path.startswith("/v2/") and method != "get":
            names = {resolved(document, parameter)["name"] for parameter in operation["parameters"]}
            assert "Idempotency-Key" in names, (method, path)
            assert "422" in operation["responses"]


def test_a_parameter_that_may_be_absent_is_not_null(document: Document) -> None:
    listing = document["paths"]["/v2/activitySessions"]["get"]
    told = {parameter["name"]: parameter for parameter in listing["parameters"] if "name" in parameter}
    assert told["userId"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    assert told["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    assert not told["userId"]["required"]


def test_it_tells_all_ways_to_give_credentials(document: Document) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {(scheme["type"], scheme.get("scheme") or scheme["name"]) for scheme in schemes.values()} == {
        ("http", "basic"),
        ("http", "bearer"),
        ("apiKey", "ApiKey"),
        ("apiKey", "X-CAP-API-OAUTH-TOKEN"),
    }
    assert document["security"] == [{name: []} for name in schemes]


def test_it_tells_where_the_server_is_reached(sqlite_url: str, document: Document) -> None:
    assert document["servers"] == [{"url": "/"}]
    with staged(sqlite_url.replace("sojourn.db", "other.db"), public_url="https://sojourn.example.org") as stage:
        assert stage.nobody.get("/openapi.json").json()["servers"] == [{"url": "https://sojourn.example.org"}]
    assert Settings().public_url == ""


# The page


class Reader(HTMLParser):
    """Reads a page as a browser would, and remembers what it would do."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "wbr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page(stage: Stage) -> Reader:
    told = stage.nobody.get("/docs")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return Reader(told.text)


def test_the_page_is_well_formed(page: Reader) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_page_tells_of_every_operation(page: Reader, document: Document) -> None:
    for path, method, operation in operations(document):
        assert operation["operationId"] in page.ids
        assert method.upper() in page.text
        assert path in page.text


def test_the_page_tells_every_field_and_its_bounds(page: Reader) -> None:
    for told in (
        "data[].activities[].addedOn",
        "activitySessionDetails[].reason",
        "number 1–1000",
        "list of 1–1000 objects",
        "text of up to 4000 characters",
        "Idempotency-Key",
    ):
        assert told in page.text


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing(page: Reader, stage: Stage) -> None:
    assert not {"script", "iframe", "object", "embed", "img", "style", "form"} & set(page.tags)
    assert not {"style", "onclick", "onload", "src"} & page.attributes
    assert all(link.startswith(("#", "/")) for link in page.links)
    style = stage.nobody.get("/docs/style.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_every_link_of_the_page_leads_somewhere(page: Reader, stage: Stage) -> None:
    for link in set(page.links):
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert stage.nobody.get(link).status_code == 200


def test_the_page_forbids_the_browser_everything_but_its_own_style(stage: Stage) -> None:
    headers = stage.nobody.get("/docs").headers
    assert headers["content-security-policy"] == POLICY
    assert POLICY.startswith("default-src 'none'; style-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"


def test_the_request_examples_of_the_page_can_be_typed_at_a_shell(document: Document) -> None:
    parts = {part.id: part for section in Outline(document).sections() for part in section.parts}
    for _, method, operation in operations(document):
        words = shlex.split(curl(parts[operation["operationId"]]))
        assert words[0] == "curl"
        assert method == "get" or words[1:3] == ["-X", method.upper()]
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert json.loads(words[words.index("-d") + 1]) == content["example"]


def test_document_and_page_are_the_same_each_time(stage: Stage) -> None:
    for path in ("/openapi.json", "/docs"):
        assert stage.nobody.get(path).content == stage.nobody.get(path).content
