"""What the core tells, in the words of this dialect."""

from collections.abc import Sequence

from msgspec import UNSET

from sojourn.api.activity_v2.wire import (
    ActivityTold,
    CreateAnswer,
    DetailsTold,
    EndAnswer,
    Notice,
    Pagination,
    RetrieveAnswer,
    SessionTold,
    Status,
)
from sojourn.core.intent import Finished
from sojourn.core.model import Activity, Remark, Session
from sojourn.core.query import LISTED_ACTIVITIES, SessionPage, SessionQuery
from sojourn.web.times import to_seconds


def status(*, ended: bool) -> Status:
    """ACTIVE or INACTIVE (seed)."""
    return "INACTIVE" if ended else "ACTIVE"


def activities_told(activities: Sequence[Activity]) -> list[ActivityTold]:
    """Activities in the dialect's words."""
    return [
        ActivityTold(
            entity_id=a.entity_id,
            entity_type=a.entity_type,
            name=a.name,
            added_on=to_seconds(a.at),
            note=a.note or "",
        )
        for a in activities
    ]


def details_told(remarks: Sequence[Remark]) -> list[DetailsTold]:
    """Remarks in the dialect's words."""
    return [DetailsTold(reason=remark.reason, comment=remark.comment or "") for remark in remarks]


def session_told(session: Session) -> SessionTold:
    """A session in the dialect's words."""
    return SessionTold(
        session_id=session.id,
        user_id=session.person.id if session.person else 0,
        org_id=session.organisation,
        module=session.module or "",
        session_start_time=to_seconds(session.started_at),
        session_status=status(ended=session.ended_at is not None),
        auto_update_time=to_seconds(session.updated_at),
        activity_session_details=details_told(session.remarks),
        activities=activities_told(session.activities),
        session_end_time=UNSET if session.ended_at is None else to_seconds(session.ended_at),
    )


def create_answer(session: Session) -> CreateAnswer:
    """A session as it was opened."""
    told = session_told(session)
    return CreateAnswer(
        session_id=told.session_id,
        user_id=told.user_id,
        org_id=told.org_id,
        module=told.module,
        session_start_time=told.session_start_time,
        session_status=told.session_status,
        auto_update_time=told.auto_update_time,
    )


def end_answer(finished: Finished) -> EndAnswer:
    """A session as it ended."""
    return EndAnswer(
        activity_session_details=details_told(finished.remarks),
        session_end_time=to_seconds(finished.ended_at),
        session_status=status(ended=True),
        auto_update_time=to_seconds(finished.updated_at),
    )


def retrieve_answer(query: SessionQuery, page: SessionPage) -> RetrieveAnswer:
    """A page of sessions."""
    assert page.total is not None
    return RetrieveAnswer(
        pagination=Pagination(limit=query.limit, offset=query.offset, total=page.total),
        data=[session_told(session) for session in page.sessions],
        warnings=shortened(page.sessions),
    )


def shortened(sessions: Sequence[Session]) -> list[Notice]:
    """A warning for each session that has more activities than a list shows (our decision)."""
    return [
        Notice(
            status=True,
            code=4100,
            message=(
                f"Session {session.id} has {session.activity_count} activities; the first {LISTED_ACTIVITIES} are"
                f" listed. GET /v2/activitySessions/{session.id} tells all"
            ),
        )
        for session in sessions
        if session.activity_count > len(session.activities)
    ]
