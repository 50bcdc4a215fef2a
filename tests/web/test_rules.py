from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct, UnsetType

from sojourn.web.rules import rule


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Struct, rename="camel"):
    how_many: Annotated[int, Meta(ge=1, le=1000)] | None = None
    at_least: Annotated[int, Meta(ge=0)] = 0
    endless: Annotated[int, Meta(ge=0, le=2**62)] = 0
    at_most: Annotated[float, Meta(le=2.5)] = 0
    any_number: float = 0
    whole: int = 0
    switch: bool = False
    colour: Colour = Colour.RED
    order: Literal["newest", "oldest"] = "newest"
    only: Literal["one"] = "one"


class Whole(Struct, rename="camel"):
    items: Annotated[list[Inner], Meta(min_length=1, max_length=3)]
    who: int | str
    name: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType
    note: Annotated[str, Meta(max_length=4000)]
    filled: Annotated[str, Meta(min_length=1)]
    longer: Annotated[str, Meta(min_length=2)]
    few: Annotated[list[int], Meta(max_length=9)]
    by_name: dict[str, Inner]
    many: tuple[str, ...]
    anything: Any
    maybe: Annotated[Inner | None, Meta(description="perhaps")]
    described: Annotated[str, Meta(extra_json_schema={"pattern": "x"})]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "must be an object"),
        ("items", "must be a list of 1 to 3 items"),
        ("items[0]", "must be an object"),
        ("items[12].howMany", "must be a number from 1 to 1000"),
        ("items[0].atLeast", "must be a number from 0 up"),
        ("items[0].endless", "must be a number from 0 up"),
        ("items[0].atMost", "must be a number up to 2.5"),
        ("items[0].anyNumber", "must be a number"),
        ("items[0].whole", "must be a whole number"),
        ("items[0].switch", "must be true or false"),
        ("items[0].colour", "must be one of red, blue"),
        ("items[0].order", "must be one of newest, oldest"),
        ("items[0].only", "must be one"),
        ("who", "must be a whole number or a text"),
        ("name", "must be a text of 1 to 255 characters"),
        ("note", "must be a text of up to 4000 characters"),
        ("filled", "must be a text of at least 1 character"),
        ("longer", "must be a text of at least 2 characters"),
        ("few", "must be a list of up to 9 items"),
        ("few[3]", "must be a whole number"),
        ("byName", "must be an object"),
        ("byName[...]", "must be an object"),
        ("byName[...].switch", "must be true or false"),
        ("many", "must be a list"),
        ("many[0]", "must be a text"),
        ("maybe.switch", "must be true or false"),
        ("described", "must be a text"),
    ],
)
def test_it_tells_what_a_field_must_be(path: str, told: str) -> None:
    assert rule(Whole, path) == told


@pytest.mark.parametrize("path", ["nothing", "items.howMany", "who[0]", "items[0].howMany.more", "anything"])
def test_it_tells_nothing_of_what_the_type_does_not_rule(path: str) -> None:
    assert rule(Whole, path) is None


def test_it_reads_the_rules_of_a_list_too() -> None:
    assert rule(list[Inner], "[3].howMany") == "must be a number from 1 to 1000"
