"""A cluster: PostgreSQL with the extension Citus, whose tables can lie on many machines."""

from collections.abc import Sequence

import msgspec

from sojourn.core.errors import Invalid
from sojourn.storage.engine import Placement, Spread, Transaction

IS_ONE = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"

# A step may change tables of either kind: one connection to each machine sees what the one before it did.
STEP_BY_STEP = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"

_NODES = """
SELECT count(*) FILTER (WHERE shouldhaveshards), count(*) FILTER (WHERE groupid = 0)
FROM pg_dist_node WHERE isactive AND noderole = 'primary'
"""
_OUTSIDE = """
SELECT c.relname FROM pg_class AS c
WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid)
    AND NOT EXISTS (SELECT 1 FROM pg_dist_partition AS d WHERE d.logicalrelid = c.oid)
"""

_ON_WORKERS = "SELECT nodename || ':' || nodeport, success, result FROM run_command_on_workers(:command)"

_PLACE = {
    Spread.PIECES: "SELECT create_distributed_table(:table, :column, colocate_with => :beside)",
    Spread.COPIES: "SELECT create_reference_table(:table)",
    Spread.HERE: "SELECT citus_add_local_table_to_metadata(:table)",
}
# What lay in the table before has been copied, and still takes its room.
_TIDY = "SELECT truncate_local_data_after_distributing_table(:table)"


def unplaced(transaction: Transaction, placements: Sequence[Placement]) -> list[Placement]:
    """Those whose table is there and has no place yet; none while no machine was added that takes any.

    Raises: Invalid, where the machines would not find this one.
    """
    ((takers, first),) = transaction.run(_NODES)
    if not takers:
        return []
    outside = {name for (name,) in transaction.run(_OUTSIDE)}
    waiting = [placement for placement in placements if placement.table in outside]
    if waiting and not first:
        raise Invalid("database", "is no coordinator that its workers know: SELECT citus_set_coordinator_host('…')")
    return waiting


def place(transaction: Transaction, placement: Placement) -> None:
    """Lay a table where it belongs, with what it holds."""
    transaction.run("SET LOCAL client_min_messages = warning")
    if placement.spread is Spread.PIECES:
        beside = placement.beside or "none"
        transaction.run(_PLACE[Spread.PIECES], {"table": placement.table, "column": placement.column, "beside": beside})
    else:
        transaction.run(_PLACE[placement.spread], {"table": placement.table})
    if placement.spread is not Spread.HERE:
        transaction.run(_TIDY, {"table": placement.table})


def size(transaction: Transaction, query: str) -> int:
    """What a query of one number tells on the workers that answer, together."""
    told = transaction.run(_ON_WORKERS, {"command": query})
    return sum(int(number) for _, answered, number in told if answered)


def faults(transaction: Transaction, query: str) -> list[str]:
    """What each worker tells of itself by a query of one column."""
    found = []
    told = transaction.run(_ON_WORKERS, {"command": f"SELECT jsonb_agg(told.line) FROM ({query}) AS told (line)"})
    for name, answered, result in told:
        if answered:
            found += [f"on the worker {name} {line}" for line in msgspec.json.decode(result or "[]", type=list[str])]
        else:
            found.append(f"the worker {name} does not answer: {result}")
    return found
