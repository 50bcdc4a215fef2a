"""What the documents show of administration: one organisation, its members, access groups and tokens."""

_AT = "2026-11-20T15:04:05.123456Z"

ORGANISATION = {
    "id": 1,
    "name": "Acme",
    "idleLimit": 1800,
    "rateLimit": 240,
    "timeZone": "Europe/Vienna",
    "createdAt": "2026-11-01T08:00:00.000000Z",
}
CHANGES = {"idleLimit": 2700, "timeZone": "Europe/Vienna"}
CHANGED = {**ORGANISATION, **CHANGES}
ORGANISATIONS = {
    "items": [
        {"id": 1, "name": "Acme", "group": "Readers", "default": True},
        {"id": 2, "name": "Beta", "group": "Owners", "default": False},
    ]
}

_READS = {"activitySessions": "read", "loginSessions": "read", "endpointSessions": "read", "administration": "none"}
GROUP = {"name": "Readers", "access": _READS}
GROUPS = {"items": [GROUP]}
GROUP_BODY = {"access": {"activitySessions": "read", "loginSessions": "read", "endpointSessions": "read"}}

MEMBER = {"email": "nina@example.org", "group": "Readers", "access": _READS, "own": {"userId": 7, "login": "nina"}}
MEMBERS = {"items": [MEMBER]}
MEMBER_BODY = {"group": "Readers", "own": {"login": "nina"}}

TOKEN = {
    "id": 7,
    "name": "the care desk",
    "email": "crm",
    "clientKey": "5b1f0c9a2e7d4c386f1c2a4e",
    "access": {
        "activitySessions": "write",
        "loginSessions": "read",
        "endpointSessions": "write",
        "administration": "none",
    },
    "createdAt": _AT,
    "expiresAt": "2027-02-18T15:04:05.123456Z",
    "lastUsedAt": "2026-11-20T16:00:00.000000Z",
}
TOKENS = {"items": [TOKEN]}
TOKEN_BODY = {"email": "crm", "name": "the care desk", "life": 7_776_000}
TOKEN_MADE = {
    **{name: value for name, value in TOKEN.items() if name != "lastUsedAt"},
    "secret": "9yQ1WkzUuH3mYw0c2c8gqS5m7f0vX4b6nR1tE2pL3aK",
}

INVITATION_BODY = {"email": "nina@example.org"}
INVITATION = {
    "email": "nina@example.org",
    "link": "https://sojourn.example.org/invitation?link=3mYw0c2c8gqS5m7f0vX4b6nR1tE2pL3aK9yQ1WkzUuH",
    "expiresAt": "2026-11-23T15:04:05.123456Z",
}
