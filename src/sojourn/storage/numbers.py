"""Numbers that are given out one after the other, without gaps."""

from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load

_SQL = load("people")

EVERYWHERE = 0
"""The organisation of counters that belong to none."""


def begin(transaction: Transaction, organisation: int, noun: str, first: int = 1) -> None:
    """A counter begins."""
    transaction.run(_SQL["begin_counter"], {"organisation": organisation, "noun": noun, "next": first})


def take(transaction: Transaction, organisation: int, noun: str, count: int) -> range:
    """The next `count` numbers; the counter stays locked until the transaction ends."""
    rows = transaction.run(_SQL["take_numbers"], {"organisation": organisation, "noun": noun, "n": count})
    ((after,),) = rows
    return range(after - count, after)


def pass_by(transaction: Transaction, organisation: int, noun: str, number: int) -> None:
    """Somebody chose this number: the counter goes on after it."""
    transaction.run(_SQL["pass_number"], {"organisation": organisation, "noun": noun, "next": number + 1})
