"""What the documents show: one session from its opening to its end, in the words of the vendor's samples."""

CREATE = {"userId": 75001234, "module": "CARE_DESK"}

CREATED = {
    "sessionId": 1,
    "userId": 75001234,
    "orgId": 1,
    "module": "CARE_DESK",
    "sessionStartTime": "2023-07-13T09:45:00Z",
    "sessionStatus": "ACTIVE",
    "autoUpdateTime": "2023-07-13T09:45:00Z",
    "warnings": [],
}

_ACTIVITY = {"entityType": "CUSTOMER", "entityId": "98662653", "name": "CustomerSearched", "note": "notes"}
_ADDED = {
    "entityId": "98662653",
    "entityType": "CUSTOMER",
    "name": "CustomerSearched",
    "addedOn": "2023-07-13T09:47:03Z",
    "note": "notes",
}

RECORD = {"activities": [_ACTIVITY]}

RECORDED = {"activities": [_ADDED], "autoUpdateTime": "2023-07-13T09:47:03Z", "warnings": []}

DETAILS = {"activitySessionDetails": [{"reason": "Changed mobile number", "comment": "Asked for by the customer"}]}

INFORMED = {**DETAILS, "autoUpdateTime": "2023-07-13T09:50:12Z", "warnings": []}

ENDED = {
    **DETAILS,
    "sessionEndTime": "2023-07-13T09:52:30Z",
    "sessionStatus": "INACTIVE",
    "autoUpdateTime": "2023-07-13T09:52:30Z",
    "warnings": [],
}

_SESSION = {
    "sessionId": 1,
    "userId": 75001234,
    "orgId": 1,
    "module": "CARE_DESK",
    "sessionStartTime": "2023-07-13T09:45:00Z",
    "sessionEndTime": "2023-07-13T09:52:30Z",
    "sessionStatus": "INACTIVE",
    "autoUpdateTime": "2023-07-13T09:52:30Z",
    **DETAILS,
    "activities": [_ADDED],
}

RETRIEVED = {
    "pagination": {"limit": 10, "offset": 0, "total": 1},
    "data": [_SESSION],
    "warnings": [],
    "errors": [],
}

ONE = {"data": [_SESSION], "warnings": [], "errors": []}
