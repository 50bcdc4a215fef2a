"""The page shows any document safely and whole."""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.errors import PROBLEM, Problem, problem
from sojourn.web.openapi import Chapter, document, refused
from sojourn.web.operation import Operation
from sojourn.web.outline import Outline
from sojourn.web.page import breakable, page, words

EVIL = "<script>alert('x')</script> & `<b>`"


class Leaf(Struct):
    colour: Annotated[str, Meta(description=EVIL)]
    parent: "Tree | None" = None


class Tree(Struct):
    """A tree, which may hold itself."""

    leaves: Annotated[list[Leaf], Meta(max_length=3)]
    height: Annotated[float, Meta(ge=0.5)] = 0.5
    ripe: bool = False
    names: dict[str, int] = {}
    anything: Any = None


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Painted(Struct):
    colour: Colour


class Wanted(Struct):
    leaf: str
    height: int | None = None


async def handle(_request: Request) -> Response:
    return Response()


def told(**more: Any) -> dict[str, Any]:
    operation = Operation(
        id="grow", method="POST", path="/trees/{tree:int}", summary=EVIL, handle=handle, tag="trees", **more
    )
    chapter = Chapter(
        tag="trees",
        text=EVIL,
        operations=[operation],
        spell=lambda _request, fault: problem(fault),
        problem=Problem,
        problem_type=PROBLEM,
    )
    return document([chapter], version="1")


def test_nothing_of_a_document_becomes_markup() -> None:
    whole = page(told(body=Tree, example_body={"leaves": [{"colour": EVIL}]}, description=EVIL))
    assert "<script" not in whole
    assert "<b>" not in whole
    assert "&lt;script&gt;" in whole
    assert "<code>&lt;b&gt;</code>" in whole


def test_a_converter_in_a_path_is_not_told() -> None:
    (path,) = told()["paths"]
    assert path == "/trees/{tree}"


def test_a_part_of_the_path_is_text_where_no_type_is_told() -> None:
    operation = told()["paths"]["/trees/{tree}"]["post"]
    assert operation["parameters"][0] == {"name": "tree", "in": "path", "required": True, "schema": {"type": "string"}}


def test_a_mandatory_parameter_is_told_as_such() -> None:
    operation = told(query=Wanted)["paths"]["/trees/{tree}"]["post"]
    needed = {parameter["name"]: parameter["required"] for parameter in operation["parameters"] if "name" in parameter}
    assert needed == {"tree": True, "leaf": True, "height": False}


def test_a_field_of_an_answer_that_has_a_default_is_always_there() -> None:
    schemas = told(answer=Tree)["components"]["schemas"]
    assert schemas["trees.Tree"]["required"] == ["leaves", "height", "ripe", "names", "anything"]
    assert "default" not in schemas["trees.Tree"]["properties"]["height"]


def test_a_field_of_a_body_that_has_a_default_may_be_absent() -> None:
    schemas = told(body=Tree)["components"]["schemas"]
    assert schemas["trees.Tree"]["required"] == ["leaves"]
    assert schemas["trees.Tree"]["properties"]["height"]["default"] == 0.5


def test_a_struct_that_holds_itself_is_followed_a_few_steps() -> None:
    (section,) = Outline(told(body=Tree)).sections()
    body = section.parts[0].body
    assert body is not None
    kinds = {field.name: field.kind for field in body.fields}
    assert kinds["leaves"] == "list of up to 3 objects"
    assert kinds["height"] == "number 0.5 or more"
    assert kinds["ripe"] == "true or false"
    assert kinds["names"] == "object"
    assert kinds["anything"] == "anything"
    assert "leaves[].parent.leaves[].colour" in kinds
    assert max(name.count("leaves") for name in kinds) <= 4


def test_an_operation_can_refuse_what_follows_from_what_it_takes() -> None:
    plain = Operation(id="a", method="GET", path="/a", summary="", handle=handle, tag="t", public=True)
    assert refused(plain) == [500]
    guarded = Operation(id="a", method="GET", path="/a", summary="", handle=handle, tag="t", faults=(409,))
    assert refused(guarded) == [400, 401, 403, 404, 409, 500, 503]
    writing = Operation(
        id="a", method="POST", path="/a", summary="", handle=handle, tag="t", body=Tree, public=True, takes_key=True
    )
    assert refused(writing) == [400, 413, 415, 422, 500]


class Sparse(Struct, omit_defaults=True):
    """Leaves out what is not worth telling."""

    name: str
    note: str = ""


class Empty(Struct):
    """Nothing."""


def test_a_field_that_a_struct_leaves_out_may_be_absent() -> None:
    schemas = told(answer=Sparse)["components"]["schemas"]
    assert schemas["trees.Sparse"]["required"] == ["name"]


def test_an_answer_of_nothing_is_told_too() -> None:
    assert told(answer=Empty)["components"]["schemas"]["trees.Empty"]["properties"] == {}


def test_an_enumeration_is_told_by_its_values() -> None:
    (section,) = Outline(told(body=Painted, answer=Painted)).sections()
    body = section.parts[0].body
    assert body is not None
    assert [field.kind for field in body.fields] == ['"blue" or "red"']


def test_text_between_backticks_is_code() -> None:
    assert words("a `b` c") == "a <code>b</code> c"


def test_a_long_path_may_be_broken_before_its_names() -> None:
    assert breakable("a[].b<") == "a[]<wbr>.b&lt;"
