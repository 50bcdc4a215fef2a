"""To how many machines of a cluster a statement goes, read from its text.

What is understood is the SQL that the store is written in: names are told apart by `AS`, a table that is looked up by
itself needs none, and of what is compared only `=` ties one row to another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from sojourn.storage import sql
from sojourn.storage.sql import load

_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|:?\w+(?:\.\w+)?|<>|<=|>=|\|\||[^\s\w]")
_BEGINS = ("select", "insert", "update", "delete")


class Route(Enum):
    """To how many."""

    NONE = auto()
    """To none in particular: it touches no table that lies in pieces."""
    ONE = auto()
    """To the one that has the session; of a batch, each row to its own."""
    ALL = auto()
    """To all, each for the sessions that it has."""
    APART = auto()
    """It brings pieces together that lie on different machines."""


@dataclass(slots=True)
class _Scope:
    """A SELECT, or what is written; `sources` by the names that its conditions use."""

    outer: "_Scope | None"
    sources: dict[str, int] = field(default_factory=dict)


class _Reader:
    """Reads one statement; `pieces` tells the column by which a table lies in pieces."""

    def __init__(self, text: str, pieces: Mapping[str, str]) -> None:
        self._tokens = [token.lower() for token in _TOKEN.findall(text) if not token.startswith("--")]
        self._pieces = pieces
        self._parents: list[int] = []
        self._columns: list[set[str]] = []
        self._bound: set[int] = set()
        self._tables: list[int] = []
        self._together: list[set[int]] = []

    def route(self) -> Route:
        """To how many it goes."""
        self._read(0, len(self._tokens), None)
        if not self._tables:
            return Route.NONE
        if any(len({self._root(source) for source in sources}) > 1 for sources in self._together):
            return Route.APART
        bound = {self._root(source) for source in self._bound}
        return Route.ONE if all(self._root(source) in bound for source in self._tables) else Route.ALL

    def _root(self, source: int) -> int:
        while self._parents[source] != source:
            source = self._parents[source]
        return source

    def _add(self, columns: set[str]) -> int:
        self._parents.append(len(self._parents))
        self._columns.append(columns)
        return len(self._parents) - 1

    def _read(self, begin: int, end: int, outer: _Scope | None) -> list[int]:
        """Read what stands between two places, arm by arm; what it brings that lies in pieces."""
        found: list[int] = []
        for first, last in self._arms(begin, end):
            scope = _Scope(outer)
            self._sources(first, last, scope)
            self._conditions(first, last, scope)
            mine = list(scope.sources.values())
            self._together.append({*mine, *self._around(first, last, scope)})
            found += mine
        return found

    def _around(self, begin: int, end: int, scope: _Scope) -> Iterator[int]:
        """What stands outside and is spoken of inside; a SELECT by itself may be looked up beforehand."""
        spoken_of = {token.partition(".")[0] for token in self._tokens[begin:end] if "." in token}
        outer = scope.outer
        while outer is not None and scope.sources:
            yield from [source for name, source in outer.sources.items() if name in spoken_of - scope.sources.keys()]
            outer = outer.outer

    def _arms(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        depth = 0
        for i in range(begin, end):
            depth += (self._tokens[i] == "(") - (self._tokens[i] == ")")
            if self._tokens[i] == "union" and depth == 0:
                yield begin, i
                begin = i + 2 if self._tokens[i + 1] == "all" else i + 1
        yield begin, end

    def _close(self, i: int) -> int:
        """Where the bracket that opens there closes."""
        depth = 0
        for j in range(i, len(self._tokens)):
            depth += (self._tokens[j] == "(") - (self._tokens[j] == ")")
            if depth == 0:
                return j
        raise ValueError("a bracket does not close")

    def _selects(self, i: int) -> bool:
        return self._tokens[i] == "(" and self._tokens[i + 1] in _BEGINS

    def _sources(self, begin: int, end: int, scope: _Scope) -> None:
        """What a SELECT reads from, or what is written; it looks into no bracket but those of a source."""
        i = begin
        while i < end:
            token = self._tokens[i]
            if token in ("from", "join", "into") or (token == "update" and i == begin):
                i = self._source(i + 1, end, scope)
            elif token == "(":
                i = self._close(i) + 1
            else:
                i += 1

    def _source(self, i: int, end: int, scope: _Scope) -> int:
        """One source; where what follows it begins."""
        begun, after, inner = i, i + 1, list[int]()
        if self._tokens[i] == "(":
            after = self._close(i) + 1
            inner = self._read(i + 1, after - 1, None)
        elif self._tokens[i] == "batch":
            after = self._close(i + 1) + 1
        name = self._tokens[i]
        if after < end and self._tokens[after] == "as":
            name, after = self._tokens[after + 1], after + 2
        if after < end and self._tokens[after] == ",":
            raise ValueError("a list of sources is not understood: write JOIN")
        if inner or self._tokens[begun] in self._pieces:
            self._note(begun, after, scope, name, inner)
        return after

    def _note(self, begun: int, after: int, scope: _Scope, name: str, inner: list[int]) -> None:
        """A source that lies in pieces, or that brings what does: that tells the session by one of two names."""
        table = self._tokens[begun]
        source = self._add({"session", "id"} if inner else {self._pieces[table]})
        for one in inner:
            self._parents[self._root(one)] = self._root(source)
        if not inner:
            self._tables.append(source)
        if self._tokens[begun - 1] == "into":
            self._bind_inserted(after, source)
        else:
            scope.sources[name] = source

    def _bind_inserted(self, i: int, source: int) -> None:
        """A row that is inserted goes where it belongs; what is read for it is looked at by itself."""
        if self._columns[source] & set(self._tokens[i : self._close(i)]):
            self._bound.add(source)

    def _conditions(self, begin: int, end: int, scope: _Scope) -> None:
        i, chosen = begin, False
        while i < end:
            if self._selects(i) and self._tokens[i - 1] in ("from", "join"):
                i = self._close(i)  # read as a source
            elif self._selects(i):
                if self._tokens[i - 2 : i] == [")", "in"] and not chosen:
                    self._tie_rows(i, scope)
                self._read(i + 1, self._close(i), scope)
                i = self._close(i)
            elif self._tokens[i] == "(":
                if "or" not in self._level(i + 1, self._close(i)):
                    self._conditions(i + 1, self._close(i), scope)
                else:
                    self._choice(i, scope)
                i = self._close(i)
            elif self._tokens[i] in ("where", "on"):
                chosen = "or" in self._level(i + 1, self._until(i + 1, end))
            elif self._tokens[i] == "set":
                i = self._after_set(i + 1, end) - 1
            elif self._tokens[i] == "=" and not chosen:
                self._tie(self._tokens[i - 1], self._tokens[i + 1], scope)
            i += 1

    def _choice(self, i: int, scope: _Scope) -> None:
        """Of a choice nothing is certain; what is looked up in it is read all the same."""
        for j in range(i + 1, self._close(i)):
            if self._selects(j):
                self._read(j + 1, self._close(j), scope)

    def _after_set(self, begin: int, end: int) -> int:
        """Where what is written ends, which ties nothing to anything."""
        depth = 0
        for i in range(begin, end):
            depth += (self._tokens[i] == "(") - (self._tokens[i] == ")")
            if depth == 0 and self._tokens[i] in ("from", "where", "returning"):
                return i
        return end

    def _until(self, begin: int, end: int) -> int:
        """Where what is asked for there ends: it may be followed by what is asked for of all."""
        return next((i for i in range(begin, end) if self._tokens[i] in ("where", "join")), end)

    def _level(self, begin: int, end: int) -> Iterator[str]:
        """What stands between two places in no bracket."""
        depth = 0
        for token in self._tokens[begin:end]:
            depth += (token == "(") - (token == ")")
            if depth == 0:
                yield token

    def _tie_rows(self, i: int, scope: _Scope) -> None:
        """`(a, b) IN (SELECT batch.a, batch.b …)`: each to what stands in its place."""
        opens = next(j for j in range(i, -1, -1) if self._tokens[j] == "(" and self._close(j) == i - 2)
        left = [token for token in self._tokens[opens + 1 : i - 2] if token != ","]
        items = self._tokens[i + 2 : self._close(i)]
        right = [token for token in items[: items.index("from")] if token != ","]
        for one, other in zip(left, right, strict=True):
            if other.startswith("batch."):
                self._tie(one, other, scope)

    def _tie(self, left: str, right: str, scope: _Scope) -> None:
        sides = [self._find(side, scope) for side in (left, right)]
        known = [side for side in sides if side is not None]
        if len(known) == 2:
            self._parents[self._root(known[0])] = self._root(known[1])
        elif known:
            other = right if sides[0] is not None else left
            if other.startswith((":", "batch.")):
                self._bound.add(known[0])

    def _find(self, name: str, scope: _Scope | None) -> int | None:
        """The source whose pieces lie by that column, if it is one."""
        table, _, column = name.rpartition(".")
        while scope is not None:
            for known, source in scope.sources.items():
                if column in self._columns[source] and table in ("", known):
                    return source
            scope = scope.outer if table else None  # what has no name before it is of a table that is read here
        return None


def route(text: str, pieces: Mapping[str, str]) -> Route:
    """To how many machines a statement goes, where tables lie in pieces by these columns."""
    return _Reader(text, pieces).route()


def written() -> Iterator[tuple[str, str]]:
    """Every statement in a file, by the names of both."""
    for path in sorted(Path(sql.__file__).parent.glob("*.sql")):
        for name, text in load(path.stem).items():
            yield f"{path.stem}.{name}", text
