"""What one page loaded, out of the events of the DevTools protocol's domains Network and Page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sojourn.agent.weblog import Entry, Site, Timings

MOST_REQUESTS = 5000
"""Requests that are kept of one page: a page that polls for ever must not fill the memory."""


@dataclass(slots=True)
class Request:
    """A request under way. `sent` is the browser's monotonic time in seconds."""

    entry: Entry
    sent: float
    timing: Mapping[str, float] | None = None
    received: int = 0


@dataclass(slots=True, kw_only=True)
class Traffic:
    """Takes events in their order, and has the page's entries and times in the end."""

    page: str
    frame: str
    entries: list[Entry] = field(default_factory=list)
    pending: dict[str, Request] = field(default_factory=dict)
    started: float | None = None
    dom_ready: float | None = None
    loaded: float | None = None
    error: str | None = None

    def take(self, method: str, params: Mapping[str, Any]) -> None:
        """Take one event; those of no interest do nothing."""
        match method:
            case "Network.requestWillBeSent":
                self._sent(params)
            case "Network.responseReceived":
                self._answered(params)
            case "Network.dataReceived":
                if request := self.pending.get(params["requestId"]):
                    request.received += params["dataLength"]
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._finished(params)
            case "Page.domContentEventFired" if self.started is not None:
                self.dom_ready = self.dom_ready or params["timestamp"]
            case "Page.loadEventFired" if self.started is not None:
                self.loaded = self.loaded or params["timestamp"]
            case _:
                pass

    def since_start(self, at: float | None) -> int | None:
        """Tell whole milliseconds from the page's start to one of its times."""
        if at is None or self.started is None or self.error is not None:
            return None
        return round((at - self.started) * 1000)

    def finish(self) -> list[Entry]:
        """Tell all entries in the order of their start, with those that are still under way."""
        for request in self.pending.values():
            self.entries.append(_entry(request, None, None))
        self.pending.clear()
        return sorted(self.entries, key=lambda entry: entry.started or 0)

    def _sent(self, params: Mapping[str, Any]) -> None:
        identity = params["requestId"]
        before = self.pending.pop(identity, None)
        if before is not None and (redirect := params.get("redirectResponse")):
            target = params["request"]["url"]
            _take_response(before, redirect)
            before.entry = replace(before.entry, redirect_url=target)
            self.entries.append(_entry(before, params["timestamp"], None))
        if len(self.entries) + len(self.pending) >= MOST_REQUESTS:
            return
        is_document = params.get("type") == "Document" and params.get("frameId") == self.frame
        if self.started is None and is_document:
            self.started = params["timestamp"]
        request = params["request"]
        if self.started is None or Site.of(request["url"]) is None:
            return  # a late request of the page before, or contents (data:) and no request at all
        entry = Entry(
            url=request["url"],
            page=self.page,
            started=round(params["wallTime"] * 1_000_000),
            method=request["method"],
            request_headers=_headers(request.get("headers")),
        )
        self.pending[identity] = Request(entry=entry, sent=params["timestamp"])

    def _answered(self, params: Mapping[str, Any]) -> None:
        if request := self.pending.get(params["requestId"]):
            _take_response(request, params["response"])

    def _finished(self, params: Mapping[str, Any]) -> None:
        request = self.pending.pop(params["requestId"], None)
        if request is not None:
            length = params.get("encodedDataLength")
            self.entries.append(_entry(request, params["timestamp"], length))


def _take_response(request: Request, response: Mapping[str, Any]) -> None:
    status = response.get("status") or None
    request.timing = response.get("timing")
    request.entry = replace(
        request.entry,
        status=status,
        status_text=response.get("statusText") or None,
        http_version=response.get("protocol"),
        mime_type=response.get("mimeType"),
        server_ip=response.get("remoteIPAddress") or None,
        response_headers=_headers(response.get("headers")),
    )


def _entry(request: Request, finished: float | None, length: float | None) -> Entry:
    if finished is None:
        return request.entry
    answered = request.entry.status is not None
    return replace(
        request.entry,
        time=_milliseconds(request.sent, finished),
        content_size=request.received if answered else None,
        body_size=round(length) if answered and length is not None else None,
        timings=_timings(request, finished),
    )


def _timings(request: Request, finished: float) -> Timings | None:
    """Tell the phases. In `timing` they are milliseconds after its `requestTime`, -1 for none."""
    timing = request.timing
    if not timing:
        return None
    first = min(
        (at for name in ("dnsStart", "connectStart", "sendStart") if (at := timing[name]) >= 0),
        default=0.0,
    )
    answered = timing["requestTime"] + timing["receiveHeadersEnd"] / 1000
    return Timings(
        blocked=_milliseconds(request.sent, timing["requestTime"] + first / 1000),
        dns=_phase(timing, "dnsStart", "dnsEnd"),
        connect=_phase(timing, "connectStart", "connectEnd"),
        ssl=_phase(timing, "sslStart", "sslEnd"),
        send=_phase(timing, "sendStart", "sendEnd"),
        wait=_phase(timing, "sendEnd", "receiveHeadersEnd"),
        receive=_milliseconds(answered, finished),
    )


def _phase(timing: Mapping[str, float], start: str, end: str) -> float | None:
    if timing[start] < 0 or timing[end] < timing[start]:
        return None
    return round(timing[end] - timing[start], 3)


def _milliseconds(start: float, end: float) -> float:
    return round(max(0.0, end - start) * 1000, 3)


def _headers(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in (headers or {}).items())
