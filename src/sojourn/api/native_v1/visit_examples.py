"""What the documents show of visits and agents."""

from typing import Any

VISIT: dict[str, Any] = {
    "agentId": "3fde6422-f119-40e1-ae32-d08a1243c038",
    "date": "2026-11-20T11:58:43.000000Z",
    "visitedSite": "www.example.org",
    "protocol": "https",
    "port": 443,
    "browser": {"name": "Chromium", "version": "156.0.8078.73"},
    "pages": [
        {
            "id": "page_0",
            "title": "Example",
            "url": "https://www.example.org/",
            "startedDateTime": "2026-11-20T11:58:43.000000Z",
            "responseCode": 200,
            "pageTimings": {"onContentLoad": 874, "onLoad": 3492},
        }
    ],
    "network": {
        "connect": {"rtt": 77.449},
        "ping": {"error": "Request timed out before getting response"},
        "traceroute": {
            "destination": "93.184.215.14",
            "hops": [{"hop": 1, "ipAddress": "10.0.0.1", "name": "router.local", "delay": 1}],
        },
        "icmpBlocked": True,
        "errors": ["ping: Request timed out before getting response"],
    },
    "trigger": "user",
}

DELIVERED = {"status": 201, "id": 1_099_511_628_010, "userSessionId": "00001:1795175880:0000003k"}

REFUSED = {
    "status": 400,
    "error": {
        "type": "urn:sojourn:error:invalid",
        "title": "Invalid",
        "detail": "network.traceroute.hops must be a list of up to 255 items",
        "errors": [{"pointer": "/network/traceroute/hops", "detail": "must be a list of up to 255 items"}],
    },
}

VISIT_LISTED: dict[str, Any] = {
    "id": 1_099_511_628_010,
    "userSessionId": "00001:1795175880:0000003k",
    "organisation": 1,
    "agentId": "3fde6422-f119-40e1-ae32-d08a1243c038",
    "roundId": 1_795_175_880,
    "date": "2026-11-20T11:58:43.000000Z",
    "committed": "2026-11-20T11:58:55.123456Z",
    "sourceAddr": "84.255.241.1",
    "orgName": "T-2 Access Network",
    "visitedSite": "www.example.org",
    "protocol": "https",
    "port": 443,
    "numberOfPages": 1,
    "experienceScore": 0.8135,
    "hasHar": True,
}

HAR = {
    "log": {
        "version": "1.2",
        "creator": {"name": "Sojourn", "version": "1"},
        "pages": [
            {
                "id": "page_0",
                "title": "Example",
                "startedDateTime": "2026-11-20T11:58:43.000000Z",
                "pageTimings": {"onContentLoad": 874, "onLoad": 3492},
            }
        ],
        "entries": [],
    }
}

AGENT_BODY = {
    "agentName": "ada's laptop",
    "computerName": "lovelace",
    "platform": "Linux",
    "osVersion": "Debian GNU/Linux 12 (bookworm)",
    "kernelVersion": "6.18.0",
    "manufacturer": "LENOVO",
    "model": "20XW",
    "totalMemory": 17_069_891_584,
    "version": "0.1.0",
    "addresses": ["10.0.0.13"],
    "clients": [{"userName": "ada", "browsers": [{"name": "Chromium", "version": "156.0.8078.73"}]}],
}

AGENT = {
    "agentId": "3fde6422-f119-40e1-ae32-d08a1243c038",
    **AGENT_BODY,
    "sourceAddr": "84.255.241.1",
    "orgName": "T-2 Access Network",
    "coordinates": {"latitude": 46.0552778, "longitude": 14.5144444, "location": "Slovenia"},
    "createdAt": "2026-11-02T08:00:12.000421Z",
    "lastSeen": "2026-11-20T11:58:55.123456Z",
}
