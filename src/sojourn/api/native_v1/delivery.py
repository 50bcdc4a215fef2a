"""One line of a bulk delivery in core words: the same rules for a call and for a command."""

import hashlib
from dataclasses import dataclass

from msgspec import UNSET

from sojourn.api.native_v1 import wire
from sojourn.core.access import Scope
from sojourn.core.errors import SojournError
from sojourn.core.intent import Key, Open
from sojourn.web.backend import check_key
from sojourn.web.lines import LINE_BYTES, Line
from sojourn.web.wire import TooLarge, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Whose sessions they are, who hands them in, whether they keep their numbers, and the key of the whole."""

    scope: Scope
    principal: int
    keep: bool
    key: Key | None = None

    def intent(self, line: Line) -> Open | SojournError:
        """A line in core words, or why it is none."""
        if line.text is None:
            return TooLarge(LINE_BYTES)
        try:
            told = decode(line.text, wire.ImportLine)
            return told.line_intent(self.scope, self._key_of(line, told), keep=self.keep)
        except SojournError as error:
            return error

    def _key_of(self, line: Line, told: wire.ImportLine) -> Key | None:
        """The line's own key; else one made of the key of the whole and the line's number."""
        assert line.text is not None
        if told.key is not UNSET:
            check_key("key", told.key)
            text = told.key
        elif self.key is not None:
            text = f"{self.key.text} {line.number}"  # nobody else's: a key has no spaces
        else:
            return None
        mode = b"keep\n" if self.keep else b"\n"
        digest = hashlib.sha256(b"import " + mode + line.text).hexdigest()
        return Key(principal=self.principal, text=text, fingerprint=digest)
