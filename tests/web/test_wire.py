"""Bodies and parameters, before they are any dialect's own."""

import asyncio
import gzip
import json
import time
import tracemalloc
from collections.abc import Iterable
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.types import Message

from sojourn.core.errors import Invalid, Missing
from sojourn.web.wire import TooLarge, Unsupported, answer, convert, decode, expect_json, read_body

PACKED = gzip.compress(b"plain", mtime=0)


class Item(Struct, rename="camel"):
    item_name: Annotated[str, Meta(max_length=5)]
    count: Annotated[int, Meta(ge=1, le=9)] = 1


class Body(Struct, rename="camel"):
    items: list[Item] = []
    note: str | None = None


class Strict(Struct, forbid_unknown_fields=True):
    name: str


class Query(Struct, rename="camel"):
    user_id: int | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 10
    text: str | None = None


class Needed(Struct):
    start: str


def request(chunks: Iterable[bytes] = (), **headers: str) -> Request:
    """A request that brings its body in pieces, and then hangs up."""
    pieces = list(chunks)
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]
    messages.append({"type": "http.disconnect"})
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw, "state": {}}, receive
    )


def body_of(some: Request, limit: int = 100) -> bytes:
    return asyncio.run(read_body(some, limit))


def refusal(body: bytes, kind: type = Body) -> str:
    with pytest.raises(Invalid) as refused:
        decode(body, kind)
    return refused.value.message


# Bodies, as bytes


def test_a_body_in_pieces_is_one() -> None:
    assert body_of(request([b"one ", b"and ", b"two"])) == b"one and two"


def test_a_body_of_the_largest_size_is_taken() -> None:
    assert body_of(request([b"x" * 100])) == b"x" * 100


def test_a_body_that_says_that_it_is_too_large_is_refused_unread() -> None:
    with pytest.raises(TooLarge, match="must not be larger than 100 bytes"):
        body_of(request([], content_length="101"))


def test_a_body_that_grows_too_large_is_refused() -> None:
    with pytest.raises(TooLarge):
        body_of(request([b"x" * 60, b"x" * 60], content_length="7"))


def test_a_length_that_is_no_number_is_not_believed() -> None:
    assert body_of(request([b"{}"], content_length="-1")) == b"{}"


def test_a_caller_who_hangs_up_is_told_so() -> None:
    cut = request([b"{"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    cut._receive = receive
    with pytest.raises(Invalid, match="ended early"):
        body_of(cut)


def test_a_body_may_be_gzip() -> None:
    assert body_of(request([gzip.compress(b"plain")], content_encoding="GZip")) == b"plain"


def test_a_bomb_is_refused_before_it_grows() -> None:
    bomb = request([gzip.compress(b"\0" * 100_000_000, compresslevel=1)], content_encoding="gzip")
    tracemalloc.start()
    with pytest.raises(TooLarge):
        body_of(bomb, 2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_gzip_body_of_exactly_the_largest_size_is_taken() -> None:
    assert body_of(request([gzip.compress(b"x" * 100)], content_encoding="gzip")) == b"x" * 100


def test_a_gzip_body_one_byte_larger_is_refused() -> None:
    with pytest.raises(TooLarge):
        body_of(request([gzip.compress(b"x" * 101)], content_encoding="gzip"))


@pytest.mark.parametrize("packed", [b"", b"plain", PACKED[:-3], PACKED[:3], PACKED + b"more", PACKED + PACKED])
def test_what_is_not_one_whole_gzip_is_refused(packed: bytes) -> None:
    with pytest.raises(Invalid, match="gzip"):
        body_of(request([packed], content_encoding="gzip"))


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(Invalid, match="Content-Encoding must be gzip or absent"):
        body_of(request([b"{}"], content_encoding=encoding))


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_is_expected(kind: str) -> None:
    expect_json(request(content_type=kind))


def test_a_body_that_does_not_say_what_it_is_is_believed_to_be_json() -> None:
    expect_json(request())


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"])
def test_a_body_that_says_it_is_something_else_is_refused(kind: str) -> None:
    with pytest.raises(Unsupported, match="not supported; send application/json"):
        expect_json(request(content_type=kind))


# Bodies, as JSON


def test_a_body_becomes_a_struct() -> None:
    assert decode(b'{"items":[{"itemName":"a"}],"unknown":{"x":[1,2.5e3,null]}}', Body) == Body(items=[Item("a")])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "The body is empty; it must be JSON"),
        (b" \n", "The body is empty; it must be JSON"),
        (b"{", "The body is not JSON: input data was truncated"),
        (b"{]", "The body is not JSON: object keys must be strings (byte 1)"),
        (b"{} {}", "The body is not JSON: trailing characters (byte 4)"),
        (b"\xef\xbb\xbf{}", "The body is not JSON: invalid character (byte 0)"),
        (b'{"note":NaN}', "The body is not JSON: invalid character (byte 8)"),
        (b'{"note":-Infinity}', "The body is not JSON: invalid character (byte 9)"),
        (b'{"other":NaN}', "The body is not JSON: invalid character (byte 9)"),
        (b'{"note":"\xff"}', "The body is not UTF-8"),
        (b'{"other":"\xff"}', "The body is not UTF-8"),
        (b'{"note":"\xed\xa0\x80"}', "The body is not UTF-8"),
        (b'{"note":"\\ud800"}', "The body is not JSON: it holds half of a surrogate pair"),
        (b'{"note":"\\ud800 and \\udc00"}', "The body is not JSON: it holds half of a surrogate pair"),
        (b'{"other":"\\udc00"}', "The body is not JSON: it holds half of a surrogate pair"),
        (b'{"note":"\\ud83d\\ude00', "The body is not JSON: input data was truncated"),
        (b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "The body is nested too deeply"),
        (b'{"other":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "The body is nested too deeply"),
        (b"[]", "The body must be an object"),
        (b"null", "The body must be an object"),
        (b'{"items":{}}', "items must be a list"),
        (b'{"items":[{"itemName":"toolong"}]}', "items[0].itemName must be a text of up to 5 characters"),
        (b'{"items":[{"itemName":"a"},{"itemName":3}]}', "items[1].itemName must be a text of up to 5 characters"),
        (b'{"items":[{"itemName":"a","count":0}]}', "items[0].count must be a number from 1 to 9"),
        (b'{"items":[{"itemName":"a","count":1e400}]}', "items[0].count must be a number from 1 to 9"),
        (b'{"items":[{"itemName":"a","count":' + b"9" * 5000 + b"}]}", "items[0].count must be a number from 1 to 9"),
        (b'{"note":"a","note":"b"}', "note must not stand twice in an object"),
        (b'{"other":{"deep":1,"deep":2}}', "deep must not stand twice in an object"),
    ],
)
def test_what_is_wrong_with_a_body_is_told_plainly(body: bytes, told: str) -> None:
    assert refusal(body) == told


def test_a_mandatory_field_that_is_missing_is_named_with_its_place() -> None:
    with pytest.raises(Missing) as refused:
        decode(b'{"items":[{"itemName":"a"},{}]}', Body)
    assert refused.value.field == "items[1].itemName"


def test_a_field_that_is_not_known_is_named_where_that_matters() -> None:
    assert refusal(b'{"name":"a","nmae":"b"}', Strict) == "nmae is not a field of this request"


def test_a_number_of_many_digits_in_a_field_that_nobody_reads_does_no_harm() -> None:
    assert decode(b'{"other":' + b"9" * 100_000 + b"}", Body) == Body()


def test_many_names_are_compared_quickly() -> None:
    names = b",".join(b'"%d":0' % number for number in range(200_000))
    began = time.process_time()
    assert "must not stand twice" in refusal(b"{" + names + b',"0":1}')
    assert time.process_time() - began < 20  # comparing each with each takes many minutes


def decoded_or_refused(body: bytes) -> bool:
    """Whether it is one of the two: whatever else is raised would be our own fault."""
    try:
        decode(body, Body)
    except Invalid as refused:
        return bool(refused.message)
    return True


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["items", "note", "itemName"]), inner),
)


@given(_JSON)
def test_any_json_is_decoded_or_refused_with_a_reason(value: object) -> None:
    assert decoded_or_refused(json.dumps(value).encode())


@given(st.binary() | st.text(alphabet='{}[]",:\\ud8c0ff1e9.- ').map(str.encode))
def test_any_bytes_are_decoded_or_refused_with_a_reason(body: bytes) -> None:
    assert decoded_or_refused(body)


# Parameters


def test_parameters_become_a_struct_and_strangers_are_ignored() -> None:
    assert convert(QueryParams("userId=7&text=null&other=1&other=2"), Query) == Query(user_id=7, text="null")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=0", "limit must be a number from 1 to 1000"),
        ("limit=-1", "limit must be a number from 1 to 1000"),
        ("limit=1001", "limit must be a number from 1 to 1000"),
        ("limit=abc", "limit must be a number from 1 to 1000"),
        ("limit=", "limit must be a number from 1 to 1000"),
        ("limit=null", "limit must be a number from 1 to 1000"),
        ("limit=" + "9" * 5000, "limit must be a number from 1 to 1000"),
        ("userId=null", "userId must be a whole number"),
        ("userId=1.5", "userId must be a whole number"),
        ("userId=1&userId=2", "userId must not be given twice"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_told_plainly(query: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert(QueryParams(query), Query)
    assert refused.value.message == told


def test_a_mandatory_parameter_that_is_missing_is_named() -> None:
    with pytest.raises(Missing) as refused:
        convert({}, Needed)
    assert refused.value.field == "start"


# Answers


def test_an_answer_is_json_with_its_status_and_headers() -> None:
    told = answer({"a": 1}, 201, {"Location": "/x"})
    assert (told.body, told.status_code, told.headers["location"]) == (b'{"a":1}', 201, "/x")
    assert told.headers["content-type"] == "application/json"


def test_an_answer_may_be_of_another_type() -> None:
    assert answer({}, media_type="application/problem+json").headers["content-type"] == "application/problem+json"


def test_what_is_answered_can_be_read_again() -> None:
    item = Item("ä\u2028", 3)
    assert decode(bytes(answer(item).body), Item) == item
    assert msgspec.json.decode(answer(item).body) == {"itemName": "ä\u2028", "count": 3}
