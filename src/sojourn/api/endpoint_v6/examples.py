"""What the documents show: the seeds' own answers, mended, and what follows from them."""

from typing import Any

DETAILS: dict[str, Any] = {
    "agentId": "3fde6422-f119-40e1-ae32-d08a1243c038",
    "browser": {"name": "Google Chrome", "version": "57.0.2987.98"},
    "committed": "2017-03-26 11:58:46",
    "coordinates": {"latitude": 46.0552778, "location": "Slovenia", "longitude": 14.5144444},
    "date": "2017-03-22 11:58:43",
    "network": {
        "connect": {"rtt": 77.449},
        "errors": [],
        "gatewayPing": {
            "avgRtt": 7,
            "maxRtt": 66,
            "meanDevRtt": 11,
            "minRtt": 0.875,
            "pktsReceived": 10,
            "pktsSent": 10,
        },
        "icmpBlocked": False,
        "networkProfile": {
            "dnsServers": ["8.8.8.8", "8.8.4.4"],
            "gateway": "10.0.0.1",
            "hardwareType": "Wireless",
            "interfaceName": "en0",
            "ipAddress": "10.0.0.13",
            "localPrefix": "10.0.0.0",
            "proxyProfile": {"method": "System", "proxies": [{"bypass": "*.local;169.254/16", "proxy": "<direct>"}]},
            "publicIpAddress": "84.255.241.1",
            "publicIpRange": "84.255.241.0-84.255.241.255",
            "subnetMask": "255.255.255.0",
            "type": "Ethernet",
            "wirelessProfile": {
                "bssid": "4c:ba:ba:f4:fa:fa",
                "channel": 1,
                "noise": -95,
                "phyMode": "802.11n",
                "quality": 100,
                "rssi": -38,
                "ssid": "Internet for the masses",
                "txRate": 130,
                "vendor": "Cisco",
            },
        },
        "systemMetrics": {
            "startTimeMs": 1581508857327,
            "endTimeMs": 1581508867333,
            "cpuUtilization": {
                "min": 0.30859375,
                "max": 0.5625,
                "mean": 0.38931831001805056,
                "median": 0.353515625,
                "stdDev": 0.08389194281742307,
                "count": 10,
            },
            "physicalMemoryUsedBytes": {
                "min": 12805128192.0,
                "max": 12825530368.0,
                "mean": 12819145821.09091,
                "median": 12818219008.0,
                "stdDev": 5741124.05691331,
                "count": 11,
            },
            "physicalMemoryTotalBytes": 17069891584,
        },
        "ping": {
            "avgRtt": 24,
            "maxRtt": 116,
            "meanDevRtt": 36,
            "minRtt": 6.909912109375,
            "pktsReceived": 10,
            "pktsSent": 10,
        },
        "traceroute": {
            "destination": "13.32.22.232",
            "hops": [
                {"delay": 1, "hop": 1, "ipAddress": "10.0.0.1", "name": "router.local"},
                {
                    "asn": 34779,
                    "delay": 2,
                    "hop": 2,
                    "ipAddress": "89.210.0.1",
                    "name": "89-210-0-1.gw.t-2.net",
                    "prefix": "89.210.0.0/18",
                },
                {
                    "asn": 34779,
                    "delay": 2,
                    "hop": 3,
                    "ipAddress": "89.210.88.65",
                    "name": "89-210-88-65.access.t-2.net",
                    "prefix": "89.210.64.0/18",
                },
                {
                    "asn": 34779,
                    "delay": 3,
                    "hop": 4,
                    "ipAddress": "84.255.250.46",
                    "name": "84-255-250-46.core.t-2.net",
                    "prefix": "84.255.192.0/18",
                },
                {"delay": 8, "hop": 5, "ipAddress": "52.95.218.66", "name": "52.95.218.66"},
                {
                    "delay": 14,
                    "hop": 6,
                    "ipAddress": "52.93.38.116",
                    "mpls": ["L=301472,E=0,S=1,T=1"],
                    "name": "52.93.38.116",
                },
                {"delay": 7, "hop": 7, "ipAddress": "52.93.38.131", "name": "52.93.38.131"},
                {"delay": 7, "hop": 8, "ipAddress": "176.32.124.93", "name": "176.32.124.93"},
                {
                    "asn": 16509,
                    "delay": 7,
                    "hop": 12,
                    "ipAddress": "13.32.22.232",
                    "name": "13.32.22.232",
                    "prefix": "13.32.20.0/22",
                },
            ],
        },
    },
    "numberOfPages": 2,
    "orgName": "T-2 Access Network",
    "pages": [
        {
            "id": "page_1",
            "pageTimings": {"onContentLoad": 874, "onLoad": 3492},
            "responseCode": 200,
            "startedDateTime": "2017-03-26 11:58:54",
            "title": "Network Performance Resources | ThousandEyes",
        },
        {
            "id": "page_0",
            "pageTimings": {"onContentLoad": 1483, "onLoad": 4569},
            "responseCode": 200,
            "startedDateTime": "2017-03-26 11:58:43",
            "title": "Network Intelligence Software | ThousandEyes",
        },
    ],
    "permalink": "https://sojourn.example.org/visits/07625:1490529480:h3qJQTpl",
    "port": 443,
    "protocol": "https",
    "roundId": 1490529480,
    "sourceAddr": "84.255.241.1",
    "userSessionId": "07625:1490529480:h3qJQTpl",
    "visitedSite": "www.thousandeyes.com",
}

_LISTED = (
    "userSessionId agentId roundId date committed sourceAddr orgName visitedSite protocol port numberOfPages permalink"
)
LISTED = {name: DETAILS[name] for name in _LISTED.split()}
PAGES = {"current": 1}
WEB: dict[str, Any] = {
    "agentId": DETAILS["agentId"],
    "date": DETAILS["pages"][0]["startedDateTime"],
    "pageId": DETAILS["pages"][0]["id"],
    "pageTimings": DETAILS["pages"][0]["pageTimings"],
    "pageTitle": DETAILS["pages"][0]["title"],
    "responseCode": 200,
    "roundId": DETAILS["roundId"],
    "userSessionId": DETAILS["userSessionId"],
}
NETWORK: dict[str, Any] = {
    "agentId": DETAILS["agentId"],
    "date": DETAILS["date"],
    "destination": {"target": "www.thousandeyes.com", "jitter": 36.0, "latency": 24.0, "loss": 0.0},
    "roundId": DETAILS["roundId"],
    "userSessionId": DETAILS["userSessionId"],
}
HAR: dict[str, Any] = {"log": {"version": "1.2", "pages": [{"id": "page_0"}], "entries": []}}
FILTERS = {"searchFilters": [{"key": "domain", "values": ["thousandeyes.com"]}]}
AGENT: dict[str, Any] = {
    "agentId": DETAILS["agentId"],
    "status": "enabled",
    "deleted": 0,
    "createdTime": "2017-03-01 08:00:00",
    "lastSeen": DETAILS["committed"],
    "numberOfClients": 1,
    "clients": [{"userProfile": {"userName": "ada"}, "browsers": [DETAILS["browser"]]}],
    "agentName": "ada's laptop",
    "computerName": "LAPTOP-7",
    "osVersion": "macOS 10.12.3",
    "totalMemory": "16384 MB",
    "publicIP": DETAILS["sourceAddr"],
    "location": {"latitude": 46.0552778, "longitude": 14.5144444, "locationName": "Slovenia"},
}
