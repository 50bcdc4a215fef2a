"""What the documents show: one session from its opening to its end."""

_AT = "2026-11-20T15:04:05.123456Z"

ACTIVITY = {
    "entityType": "CUSTOMER",
    "entityId": "98662653",
    "name": "CustomerSearched",
    "note": "Looked up by phone",
    "at": _AT,
}
REMARK = {"reason": "Changed mobile number", "comment": "Asked for by the customer"}
DEVICE = {"guid": "6f1c2a4e-8a5d-4f0e-9a57-0a3c0f5f7c11", "name": "desk-7"}

OPEN = {
    "login": "anna",
    "module": "CARE_DESK",
    "device": DEVICE,
    "startedAt": "2026-11-20T15:00:00Z",
    "activities": [ACTIVITY],
}

_DONE = {"seq": 1, **ACTIVITY}
_SAID = {**REMARK, "at": "2026-11-20T15:20:00.000000Z"}

SESSION = {
    "id": 1,
    "organisation": 1,
    "kind": "work",
    "userId": 1,
    "login": "anna",
    "device": DEVICE,
    "module": "CARE_DESK",
    "status": "active",
    "startedAt": "2026-11-20T15:00:00.000000Z",
    "updatedAt": _AT,
    "seenAt": _AT,
    "firstActivityAt": _AT,
    "lastActivityAt": _AT,
    "activityCount": 1,
    "remarks": [],
}
SESSIONS = {"items": [SESSION], "next": "AAZg7qg4KkAAAAAAAAAAAlJjPRoGloo0", "total": 512}
DAYS = {
    "items": [{"day": "2026-11-19", "sessions": 27}, {"day": "2026-11-20", "sessions": 12}],
    "timeZone": "Europe/Vienna",
    "total": 39,
}

RECORDED = {"items": [_DONE], "updatedAt": _AT}
ACTIVITIES = {"items": [_DONE]}
ALIVE = {"id": 1, "updatedAt": _AT}
REMARKS = {"items": [_SAID], "updatedAt": "2026-11-20T15:20:00.000000Z"}
END = {"at": "2026-11-20T15:30:00Z", "remarks": [REMARK]}
ENDED = {
    "id": 1,
    "status": "ended",
    "endedAt": "2026-11-20T15:30:00.000000Z",
    "updatedAt": "2026-11-20T15:30:00.123456Z",
    "remarks": [_SAID],
}

_TOUCH = {"session": SESSION, "touches": 1, "firstAt": _AT, "lastAt": _AT, "activities": [_DONE]}
TOUCHES = {"items": [_TOUCH], "next": "AAZg7qg4KkAAAAAAAAAAAlJjPRoGloo0", "total": 512}
TOUCHERS = {
    "items": [{"userId": 1, "login": "anna", "sessions": 3, "lastStartedAt": "2026-11-20T15:00:00.000000Z"}],
    "sessions": 3,
    "whole": True,
}
RHYTHM = {"items": [{"count": 1, "firstAt": _AT, "lastAt": _AT}]}

PERSON = {"userId": 1, "login": "anna"}
PEOPLE = {"items": [{"userId": 1, "login": "anna"}]}
DEVICES = {"items": [DEVICE]}

LINE = {"line": 1, "status": 201, "id": 1}
EXPORTED = {
    "id": 1,
    "userId": 1,
    "login": "anna",
    "module": "CARE_DESK",
    "device": DEVICE,
    "startedAt": "2026-11-20T15:00:00.000000Z",
    "endedAt": "2026-11-20T15:30:00.000000Z",
    "closing": "ended",
    "remarks": [_SAID],
    "activities": [ACTIVITY],
}

FOLLOWED = (
    "id: 5f0c9a1e-1\nevent: change\n"
    f'data: {{"what":"active","at":"{_AT}","session":{{"id":1,"login":"anna","status":"active","activityCount":1}},'
    f'"latest":{{"seq":1,"entityType":"CUSTOMER","entityId":"98662653","name":"CustomerSearched","at":"{_AT}"}}}}\n\n'
)

SYSTEM = {
    "version": "1.0.0",
    "queue": {"waiting": 3, "capacity": 10_000},
    "requests": 128_400,
    "failures": 0,
    "commits": 41_022,
    "writes": 118_000,
    "commitSeconds": {"median": 0.0025, "p99": 0.01},
    "answerSeconds": {"median": 0.005, "p99": 0.025},
    "bytes": 734_003_200,
    "sessions": 512,
    "running": 12,
    "lastBackupAt": _AT,
}
