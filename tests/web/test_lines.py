"""Bodies heard line by line."""

import gzip
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.errors import Invalid
from sojourn.web.lines import PIECE_BYTES, Line, Lines, _Unpacker


def cut(pieces: list[bytes], limit: int = 1000) -> list[Line]:
    lines = Lines(limit)
    return [line for piece in pieces for line in lines.feed(piece)] + list(lines.close())


@given(st.lists(st.binary(max_size=20)), st.lists(st.integers(0, 200), max_size=6))
def test_lines_are_the_same_however_the_body_is_cut(texts: list[bytes], cuts: list[int]) -> None:
    body = b"\n".join(texts)
    edges = sorted({min(edge, len(body)) for edge in cuts} | {0, len(body)})
    pieces = [body[a:b] for a, b in itertools.pairwise(edges)]
    expected = [
        Line(number, text.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else text.strip())
        for number, text in enumerate(body.split(b"\n"), 1)
    ]
    assert cut(pieces) == [line for line in expected if line.text]


def test_a_line_that_is_too_long_is_counted_and_not_held() -> None:
    lines = Lines(limit=10)
    assert list(lines.feed(b"short\n" + b"x" * 8)) == [Line(1, b"short")]
    assert list(lines.feed(b"x" * 8)) == []
    assert lines._parts == []
    assert list(lines.feed(b"\nnext\n")) == [Line(2, None), Line(3, b"next")]


def test_a_line_just_as_long_as_it_may_be_is_told() -> None:
    assert cut([b"x" * 10, b"\n" + b"y" * 11], limit=10) == [Line(1, b"x" * 10), Line(2, None)]


@given(st.lists(st.binary(max_size=50), max_size=4), st.integers(1, 40))
def test_gzip_is_unpacked_however_it_is_cut(members: list[bytes], size: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    unpacker = _Unpacker()
    pieces = [piece for i in range(0, len(packed), size) for piece in unpacker.feed(packed[i : i + size])]
    unpacker.close()
    assert b"".join(pieces) == b"".join(members)


def test_what_unpacks_to_much_is_told_in_pieces() -> None:
    pieces = _Unpacker().feed(gzip.compress(b" " * 2**24))
    assert max(len(piece) for piece in pieces) <= PIECE_BYTES


def test_what_is_no_gzip_or_half_of_one_is_refused() -> None:
    with pytest.raises(Invalid, match="not gzip"):
        list(_Unpacker().feed(b"plain text"))
    unpacker = _Unpacker()
    assert list(unpacker.feed(gzip.compress(b"text")[:-1])) == [b"text"]
    with pytest.raises(Invalid, match="not whole"):
        unpacker.close()
