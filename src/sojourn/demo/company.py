"""The people, where and when they work, and the customers whose data they touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from sojourn.core.model import DeviceDraft

WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)

KNOWN_BY_ALL = "98662653"
"""The customer that everybody has heard of, and some look at without a reason."""

_FIRST = (
    "Ada", "Ben", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Mira", "Nils",
    "Olga", "Pia", "Quinn", "Rosa", "Sami", "Tilda", "Umut", "Vera", "Wim", "Xenia", "Yara", "Zoe", "Anton", "Bea",
    "Cem", "Dora", "Emil", "Finja", "Goran", "Hanna", "Ivo", "Jana", "Kofi", "Lena", "Milo", "Nora",
)  # fmt: skip
_LAST = (
    "Abel", "Brandt", "Castro", "Dogan", "Ekberg", "Fischer", "Gruber", "Hansen", "Ivanov", "Jansen", "Keller",
    "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quast", "Rossi", "Schmitt", "Tanaka", "Unger", "Vogel",
    "Weber", "Xu", "Yilmaz", "Zeller", "Arslan", "Becker", "Costa", "Dietz",
)  # fmt: skip

# Login, module, first and last hour of the working day, and on which days.
_STAFF: Sequence[tuple[str, str, int, int, Sequence[int]]] = (
    ("amelie.hart", "CARE_DESK", 8, 16, WEEKDAYS),
    ("boris.klein", "CARE_DESK", 8, 16, WEEKDAYS),
    ("celia.romero", "CARE_DESK", 9, 17, WEEKDAYS),
    ("david.osei", "CARE_DESK", 9, 17, WEEKDAYS),
    ("emma.larsen", "CARE_DESK", 9, 13, WEEKDAYS),
    ("farid.nasser", "CARE_DESK", 10, 18, (1, 2, 3, 4, 5)),
    ("gesa.wolf", "CARE_DESK", 10, 18, (0, 1, 2, 5, 6)),
    ("henri.dubois", "CARE_DESK", 12, 20, WEEKDAYS),
    ("ida.svensson", "CARE_DESK", 12, 20, WEEKDAYS),
    ("jamal.reed", "CARE_DESK", 12, 20, (2, 3, 4, 5, 6)),
    ("karin.voss", "CARE_DESK", 14, 22, WEEKDAYS),
    ("luca.conti", "CARE_DESK", 14, 22, (0, 3, 4, 5, 6)),
    ("maja.horvat", "CARE_DESK", 22, 30, (0, 1, 2, 3)),
    ("noah.fuchs", "CARE_DESK", 22, 30, (3, 4, 5, 6)),
    ("olena.koval", "BILLING", 8, 16, WEEKDAYS),
    ("paul.adeyemi", "BILLING", 8, 16, WEEKDAYS),
    ("rieke.thoms", "BILLING", 9, 17, WEEKDAYS),
    ("sven.jung", "BILLING", 9, 13, (0, 1, 2)),
    ("tara.singh", "RETENTION", 9, 17, WEEKDAYS),
    ("ulf.krause", "RETENTION", 10, 18, WEEKDAYS),
    ("vesna.ilic", "RETENTION", 11, 19, WEEKDAYS),
    ("willem.bakker", "QUALITY", 9, 17, WEEKDAYS),
    ("ximena.diaz", "QUALITY", 10, 16, (0, 2, 4)),
    ("yusuf.demir", "ADMINISTRATION", 8, 16, WEEKDAYS),
    ("zita.molnar", "ADMINISTRATION", 9, 17, WEEKDAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Somebody who works from hour to hour of the day in local time; past 24 is the next morning."""

    login: str
    module: str
    begins: int
    ends: int
    days: Sequence[int]
    device: DeviceDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whose data are touched."""

    id: str
    name: str
    orders: Sequence[str]
    invoices: Sequence[str]


def staff(draw: Random) -> list[Worker]:
    """Everybody, each at a desk; those who work at night share theirs with those who work by day."""
    desks = [device(draw, f"DESK-{number:03d}") for number in range(1, len(_STAFF))]
    return [
        Worker(login=login, module=module, begins=begins, ends=ends, days=days, device=desks[i % len(desks)])
        for i, (login, module, begins, ends, days) in enumerate(_STAFF)
    ]


def device(draw: Random, name: str) -> DeviceDraft:
    """A machine of that name."""
    return DeviceDraft(guid=str(UUID(int=draw.getrandbits(128), version=4)), name=name)


def customers(draw: Random, count: int) -> list[Customer]:
    """That many, the one known by all first."""
    ids = [KNOWN_BY_ALL, *[str(number) for number in draw.sample(range(40_000_000, 98_000_000), count - 1)]]
    return [
        Customer(
            id=number,
            name=f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
            orders=[str(draw.randrange(700_000, 999_999)) for _ in range(draw.randint(1, 4))],
            invoices=[f"R-{draw.randrange(100_000, 999_999)}" for _ in range(draw.randint(1, 3))],
        )
        for number in ids
    ]
