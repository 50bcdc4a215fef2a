"""What a session can be found by besides its columns: the terms of one inverted index.

A term is one letter for its sort and the value: `e98662653` an entity's id, `tCUSTOMER` an entity's type,
`b8:CUSTOMER98662653` both of one entity, `nCustomerSearched` the name of an activity, `wmobile` a word of a note, a
reason or a comment. The index has one entry
for each session and term, so that a search reads entries in the order of the sessions' starts.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from sojourn.core.model import Activity, ActivityDraft, Remark, RemarkDraft

WORD_LENGTH = 64
PHRASE_LENGTH = 100
_WORD = re.compile(r"\w+")


def words(text: str | None) -> frozenset[str]:
    """The words that `text` can be found by: caseless, cut at what is no letter, digit or underscore."""
    if not text:
        return frozenset()
    return frozenset([word[:WORD_LENGTH] for word in _WORD.findall(text.casefold())])


def entity_id_term(entity_id: str) -> str:
    """Found by what was touched."""
    return f"e{entity_id}"


def entity_type_term(entity_type: str) -> str:
    """Found by the type of what was touched."""
    return f"t{entity_type}"


def entity_term(entity_type: str, entity_id: str) -> str:
    """Found by what was touched and its type, both of one entity. The length of the type tells where the id begins."""
    return f"b{len(entity_type)}:{entity_type}{entity_id}"


def name_term(name: str) -> str:
    """Found by what was done."""
    return f"n{name}"


def word_terms(text: str | None) -> frozenset[str]:
    """Found by what was said."""
    return _phrase(text) if text and len(text) <= PHRASE_LENGTH else frozenset([f"w{word}" for word in words(text)])


@lru_cache(maxsize=4096)
def _phrase(text: str) -> frozenset[str]:
    """The same for what is short, and so is likely said again: reasons come from a pick list."""
    return frozenset([f"w{word}" for word in words(text)])


def activity_terms(activities: Iterable[Activity | ActivityDraft]) -> set[str]:
    """All terms of some activities."""
    found: set[str] = set()
    for activity in activities:
        found.add(entity_id_term(activity.entity_id))
        found.add(entity_type_term(activity.entity_type))
        found.add(entity_term(activity.entity_type, activity.entity_id))
        found.add(name_term(activity.name))
        if activity.note:
            found |= word_terms(activity.note)
    return found


def remark_terms(remarks: Iterable[Remark | RemarkDraft]) -> set[str]:
    """All terms of some remarks."""
    found: set[str] = set()
    for remark in remarks:
        found |= word_terms(remark.reason) | word_terms(remark.comment)
    return found
