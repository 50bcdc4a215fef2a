"""The contract of `SessionStore`, continued: what is going on now."""

from sojourn.core.journal import Journal
from sojourn.core.live import LOOK_BACK, Change, Glance, Watch, What
from sojourn.core.model import MINUTE, SECOND
from tests.storage.desk import Desk, did, why
from tests.storage.test_visits import deliver, visit


def watching(desk: Desk) -> Watch:
    """Somebody who has had their first look."""
    watch = Journal(desk.store).watch(desk.scope.organisation)
    assert watch.changes() == []
    return watch


def told(changes: list[Change]) -> list[tuple[What, int]]:
    """What became of which session or visit."""
    numbers = [change.session or change.visit for change in changes]
    return [(change.what, one.id) for change, one in zip(changes, numbers, strict=True) if one is not None]


class TestLook:
    def test_a_session_is_told_when_it_begins_goes_on_and_ends(self, desk: Desk) -> None:
        watch = watching(desk)
        number = desk.open("ada").id
        assert told(watch.changes()) == [(What.BEGAN, number)]
        assert watch.changes() == []

        desk.now += SECOND
        desk.record(number, did("Seen"), did("Paid"))
        (change,) = watch.changes()
        assert (change.what, change.at) == (What.ACTIVE, desk.now)
        assert change.session is not None
        assert change.session.activity_count == 2
        assert change.latest is not None
        assert change.latest.name == "Paid"

        desk.now += SECOND
        desk.end(number)
        assert told(watch.changes()) == [(What.ENDED, number)]
        assert watch.changes() == []

    def test_what_ran_before_somebody_came_is_told_when_it_goes_on_or_ends(self, desk: Desk) -> None:
        first, second = desk.open("ada").id, desk.open("grace").id
        watch = watching(desk)
        desk.now += 60 * MINUTE
        desk.record(first, did())
        desk.end(second)
        assert sorted(told(watch.changes())) == [(What.ACTIVE, first), (What.ENDED, second)]

    def test_what_is_handed_in_whole_is_told_once(self, desk: Desk) -> None:
        watch = watching(desk)
        number = desk.one(desk.opening("ada", started_at=desk.now - 5, ended_at=desk.now - 1, activities=(did(),)))
        assert told(watch.changes()) == [(What.ADDED, number.session.id)]  # type: ignore[union-attr]
        assert watch.changes() == []

    def test_a_remark_is_a_change(self, desk: Desk) -> None:
        number = desk.open("ada").id
        watch = watching(desk)
        desk.now += SECOND
        desk.annotate(number, why("Asked for it"))
        (change,) = watch.changes()
        assert change.session is not None
        assert [remark.reason for remark in change.session.remarks] == ["Asked for it"]

    def test_a_visit_is_told_however_old_it_is(self, desk: Desk) -> None:
        deliver(desk, visit(desk.now))
        watch = watching(desk)
        number = deliver(desk, visit(desk.now - 60 * MINUTE))
        assert told(watch.changes()) == [(What.VISITED, number)]
        assert watch.changes() == []

    def test_what_shows_itself_late_is_told_all_the_same(self, desk: Desk) -> None:
        first, second = desk.open("ada").id, desk.open("grace").id
        watch = watching(desk)
        desk.now += 20 * SECOND
        desk.record(first, did())
        assert told(watch.changes()) == [(What.ACTIVE, first)]
        desk.now -= LOOK_BACK  # a process whose clock is behind, or that was slow to commit
        desk.record(second, did())
        assert told(watch.changes()) == [(What.ACTIVE, second)]

    def test_a_neighbour_is_not_told_of(self, desk: Desk, neighbour: Desk) -> None:
        watch = watching(desk)
        number = neighbour.open("ada").id
        neighbour.end(number)
        deliver(neighbour, visit())
        assert watch.changes() == []

    def test_of_much_the_newest_is_told(self, desk: Desk) -> None:
        for _ in range(5):
            desk.now += 1
            desk.open("ada")
        seen = desk.store.look(Glance(organisation=desk.scope.organisation, since=0, above=None, limit=3))
        assert [session.id for session in seen.running] == [5, 4, 3]
        assert seen.highest == (5, 0)
