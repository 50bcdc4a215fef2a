"""Totals, deep offsets and days are what a count of all sessions tells, on both engines."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.model import DAY, MINUTE, SECOND, Instant, Session
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.query import Order, SessionFilter, SessionQuery, Status
from sojourn.storage import tally
from tests.storage import reference
from tests.storage.desk import MIDNIGHT, NOON, Desk, did

SHARED_DATABASE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ZONES = ["UTC", "Europe/London", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]

# Summer and winter, whole months between, days that get quarters and days that do not.
_days = st.sampled_from([0, 1, 2, 31, 32, 33, 63, 64, 170, 171, 300])
_moments = st.builds(
    lambda day, quarter, rest: MIDNIGHT - 300 * DAY + day * DAY + quarter * 15 * MINUTE + rest,
    _days,
    st.sampled_from([0, 1, 23, 71, 72, 73, 95]),
    st.sampled_from([0, 1, 15 * MINUTE - 1]),
)
_numbers = iter(range(1, 1_000_000))


@st.composite
def _filters(draw: st.DrawFn) -> dict[str, Any]:
    wanted: dict[str, Any] = draw(
        st.sampled_from([
            {}, {}, {"login": "ada"}, {"device": "{A}"}, {"module": "Till"}, {"login": "ada", "module": "Till"},
            {"name": "Paid"}, {"entity_id": "1"}, {"entity_id": "1", "login": "ada"}, {"login": "nobody"},
        ])
    )  # fmt: skip
    first, last = sorted([draw(_moments), draw(_moments)])
    wanted |= draw(
        st.sampled_from([
            {}, {"started_from": first}, {"started_to": last}, {"started_from": first, "started_to": last},
            {"alive_from": first, "alive_to": last}, {"status": Status.ACTIVE},
            {"status": Status.ENDED, "started_to": last}, {"status": Status.ENDED, "alive_from": first},
        ])
    )  # fmt: skip
    return dict(wanted)


def filled(store: SessionStore, access: AccessStore, starts: list[Instant]) -> tuple[Desk, list[Session]]:
    """A company with a session at each of these moments, which differ in all that is asked for."""
    desk = Desk(store, access.add_organisation(f"Counted {next(_numbers)}", "guid", NOON).id, MIDNIGHT + 30 * DAY)
    drafts = [
        desk.opening(
            "ada" if i % 3 else "grace",
            device=(None, "{A}", "{B}")[i % 3 if i % 2 else 1],
            module=(None, "Till")[i % 2],
            started_at=at,
            ended_at=None if i % 4 == 0 else at + (i % 5) * 20 * MINUTE,
            activities=(did(("Viewed", "Paid")[i % 2], str(i % 3), at=at),),
        )
        for i, at in enumerate(starts)
    ]
    desk.write(*drafts)
    sessions = [desk.session(number) for number in range(1, len(starts) + 1)]
    return desk, sessions


class TestDays:
    @SHARED_DATABASE
    @given(starts=st.lists(_moments, max_size=25), wanted=_filters(), name=st.sampled_from(ZONES))
    def test_they_are_those_of_the_calendar(
        self, store: SessionStore, access: AccessStore, monkeypatch: pytest.MonkeyPatch,
        starts: list[Instant], wanted: dict[str, Any], name: str,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(tally, "FINE", 3)
        desk, sessions = filled(store, access, starts)
        zone, asked = ZoneInfo(name), SessionFilter(**wanted)
        expected: Counter[date] = Counter(
            datetime.fromtimestamp(session.started_at // SECOND, zone).date()
            for session in sessions
            if reference.fits(session, asked)
        )
        assert store.days(desk.scope, asked, zone) == sorted(expected.items())


@SHARED_DATABASE
@given(starts=st.lists(_moments, min_size=1, max_size=25), wanted=_filters(), order=st.sampled_from(Order))
def test_totals_and_pages_at_any_offset_are_the_references(
    store: SessionStore, access: AccessStore, monkeypatch: pytest.MonkeyPatch,
    starts: list[Instant], wanted: dict[str, Any], order: Order,
) -> None:  # fmt: skip
    monkeypatch.setattr(tally, "FINE", 3)
    desk, sessions = filled(store, access, starts)
    asked = SessionFilter(**wanted)
    for offset in {0, 1, 2, len(starts) // 2, len(starts) - 1, len(starts)}:
        for scope in (desk.scope, Scope(desk.scope.organisation, 1)):
            query = SessionQuery(
                scope=scope, filter=asked, order=order, offset=offset, limit=3, total=True, activities=True
            )
            assert store.page(query) == reference.page(sessions, query)
