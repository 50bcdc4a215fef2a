"""Upkeep on disk: `sojourn.core.upkeep.UpkeepStore` on an engine."""

from sojourn.core.model import Instant, Kind
from sojourn.core.upkeep import Deed, Flaw
from sojourn.storage import schema
from sojourn.storage.engine import Engine
from sojourn.storage.sql import load

_SQL = load("upkeep")
_ACCESS = load("access")


class UpkeepOnDisk:
    """Looks for what does not fit together, and mends it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pending(self) -> list[str]:
        return schema.pending(self._engine)

    def faults(self, *, quick: bool) -> list[str]:
        return self._engine.faults(quick=quick)

    def count(self, flaw: Flaw) -> int:
        with self._engine.read() as transaction:
            ((count,),) = transaction.run(_SQL[f"count_{flaw}"])
            return int(count)

    def mend(self, flaw: Flaw) -> None:
        with self._engine.write() as transaction:
            for name, statement in _SQL.items():
                if name.startswith(f"mend_{flaw}"):
                    transaction.run(statement)

    def latest(self) -> Instant | None:
        with self._engine.read() as transaction:
            organisations = [row[0] for row in transaction.run(_ACCESS["organisations"])]
            keys = [{"organisation": number, "kind": kind.value} for number in organisations for kind in Kind]
            found = [transaction.run(_SQL["latest"], key)[0][0] for key in keys]
        return max((at for at in found if at is not None), default=None)

    def size(self) -> int:
        return self._engine.size()

    def note(self, deed: Deed, at: Instant) -> None:
        with self._engine.write() as transaction:
            transaction.run(_SQL["note_deed"], {"name": deed.value, "at": at})

    def last(self, deed: Deed) -> Instant | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["deed"], {"name": deed.value})
        return rows[0][0] if rows else None

    def is_empty(self) -> bool:
        with self._engine.read() as transaction:
            return not transaction.run(_SQL["any_session"])

    def hold(self, duty: str, holder: str, now: Instant, until: Instant) -> bool:
        values = {"duty": duty, "holder": holder, "now": now, "until": until}
        with self._engine.write() as transaction:
            return bool(transaction.run(_SQL["hold_lease"], values))

    def release(self, duty: str, holder: str) -> None:
        with self._engine.write() as transaction:
            transaction.run(_SQL["release_lease"], {"duty": duty, "holder": holder})
