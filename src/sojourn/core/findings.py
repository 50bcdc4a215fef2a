"""What made a visit slow: rules on what was measured, each a pure function with its bounds beside it.

A finding is either a *share* of the time that a page took (`milliseconds` of it), or a *circumstance*. The bounds are
our decision: docs/decisions/0110-a-verdict-is-a-table-of-rules.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sojourn.core.measurement import NO_ANSWER, NetworkProfile, Ping, SystemMetrics
from sojourn.core.report import NetworkReport, Page
from sojourn.core.request import Phase, Request, document_of

SLOW_NAME = 200
SLOW_CONNECTION = 300
SLOW_ANSWER = 500
"""Milliseconds from which a phase of the page's own request is worth a word, if it is also a part of the load."""

NOTEWORTHY = 0.15
GREAT = 0.3
"""Parts of the load: of a name, a connection or redirects; of an answer or of one request."""

LONG_REQUEST = 1_000
"""Milliseconds from which one request beside the page's own can hold it up."""

SLOW_GATEWAY = 20
"""Milliseconds that a network of one's own takes only when something is wrong with it."""

LONG_WAY = 150
"""Milliseconds there and back, from which each turn of a page's loading is felt."""

WEAK_SIGNAL = -70
WEAK_QUALITY = 40
"""dBm and per cent, at or below which a radio link begins to send things twice."""

BUSY = 0.85
FULL = 0.95
"""Parts of the processors' time and of the memory, from which a browser waits for its machine."""


class Cause(StrEnum):
    """What a finding is about."""

    REDIRECTS = "redirects"
    NAME = "name"
    CONNECTION = "connection"
    ENCRYPTION = "encryption"
    SERVER = "server"
    REQUEST = "request"
    QUEUE = "queue"
    LOSS = "loss"
    WIRELESS = "wireless"
    GATEWAY = "gateway"
    DISTANCE = "distance"
    PROCESSOR = "processor"
    MEMORY = "memory"

    @property
    def of_network(self) -> bool:
        """Whether it speaks of the way there."""
        return self in (Cause.LOSS, Cause.WIRELESS, Cause.GATEWAY, Cause.DISTANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason, in words that go on a sentence; `milliseconds` of the load, where it is a share of it."""

    cause: Cause
    words: str
    milliseconds: float | None = None


def spelled(milliseconds: float) -> str:
    """A span of time for people: `31 ms`, `2.9 s`, `1 min 12 s`."""
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1_000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1_000), 60)
    return f"{minutes} min {seconds} s"


def shares(page: Page, load: float, requests: Sequence[Request]) -> list[Finding]:
    """What a page's load was spent on, the greatest first; `requests` are the page's own, if any were kept."""
    document = document_of(requests)
    found = list(_phases(document, load)) if document else list(_first_byte(page, load))
    if document is not None:
        found += _redirects(page, document, requests, load)
        found += _held_up(page, document, requests, load)
        found += _queued(page, requests, load)
    return sorted(found, key=lambda finding: -(finding.milliseconds or 0))


def _phases(document: Request, load: float) -> Iterator[Finding]:
    for phase, cause, least, part, words in (
        (Phase.DNS, Cause.NAME, SLOW_NAME, NOTEWORTHY, "looking up its name (DNS)"),
        (Phase.CONNECT, Cause.CONNECTION, SLOW_CONNECTION, NOTEWORTHY, "connecting"),
        (Phase.TLS, Cause.ENCRYPTION, SLOW_CONNECTION, NOTEWORTHY, "agreeing on encryption (TLS)"),
        (Phase.WAIT, Cause.SERVER, SLOW_ANSWER, GREAT, "waiting for the server"),
    ):
        spent = document.spent(phase)
        if spent is not None and spent >= max(least, part * load):
            yield Finding(cause=cause, words=words, milliseconds=spent)


def _first_byte(page: Page, load: float) -> Iterator[Finding]:
    """Without a HAR the phases before the answer are told as one."""
    spent = page.response_time
    if spent is not None and spent >= max(SLOW_ANSWER, GREAT * load):
        yield Finding(cause=Cause.SERVER, words="until the server's answer began", milliseconds=spent)


def _redirects(page: Page, document: Request, requests: Sequence[Request], load: float) -> Iterator[Finding]:
    spent = (document.at - page.started_date_time) / 1_000
    if document is not requests[0] and spent >= max(SLOW_ANSWER, NOTEWORTHY * load):
        yield Finding(cause=Cause.REDIRECTS, words="following redirects", milliseconds=spent)


def _held_up(page: Page, document: Request, requests: Sequence[Request], load: float) -> Iterator[Finding]:
    """The request that took the longest of the load, if it is long enough to have held it up."""
    spent = [(_within(page, request, load), -request.sequence, request) for request in requests]
    longest = max(((ms, order, one) for ms, order, one in spent if one is not document), default=None)
    if longest is None or longest[0] < max(LONG_REQUEST, GREAT * load):
        return
    ms, _, request = longest
    whose = request.host if request.host != document.host else "the site itself"
    what = {"document": "page", "data": "data", "other": "request"}.get(request.sort, str(request.sort))
    yield Finding(cause=Cause.REQUEST, words=f"one request ({what}{_weight(request)}) to {whose}", milliseconds=ms)


def _queued(page: Page, requests: Sequence[Request], load: float) -> Iterator[Finding]:
    """A page that asks for more than its connections carry."""
    within = [request for request in requests if request.end_after(page.started_date_time) <= load * 1.05]
    longest = max([request.spent(Phase.BLOCKED) or 0 for request in within], default=0)
    if longest >= max(LONG_REQUEST, GREAT * load):
        words = f"requests waited up to {spelled(longest)} for a free connection"
        yield Finding(cause=Cause.QUEUE, words=words)


def _weight(request: Request) -> str:
    """That it is heavy, where it is: from a megabyte up."""
    size = request.size or request.content_size or 0
    return f", {size / 1e6:.1f} MB" if size >= 1_000_000 else ""


def _within(page: Page, request: Request, load: float) -> float:
    """Milliseconds of a request that lie within the load, without those that it waited for its turn."""
    start = (request.at - page.started_date_time) / 1_000 + (request.spent(Phase.BLOCKED) or 0)
    return min(request.end_after(page.started_date_time), load) - max(start, 0)


def circumstances(network: NetworkReport) -> list[Finding]:
    """What was amiss around the visit: on the way there, then on the machine."""
    return [*_loss(network), *_near(network), *_distance(network), *_machine(network.system_metrics)]


def lost(ping: Ping | None) -> tuple[int, int] | None:
    """How many packets were lost, of how many; None where that was not measured."""
    if ping is None or ping.pkts_sent is None or ping.pkts_received is None:
        return None
    return max(0, ping.pkts_sent - ping.pkts_received), ping.pkts_sent


def _loss(network: NetworkReport) -> Iterator[Finding]:
    """Loss at the site alone: a router on the way may answer no probe and carry everything."""
    told = lost(network.ping)
    if told is not None and told[0]:
        yield Finding(cause=Cause.LOSS, words=f"{told[0]} of {told[1]} packets to the site were lost")
    elif network.ping is not None and network.ping.error == NO_ANSWER and network.icmp_blocked is False:
        yield Finding(cause=Cause.LOSS, words="no packet to the site came back")


def _near(network: NetworkReport) -> Iterator[Finding]:
    """The network of one's own: the radio link, and the gateway behind it."""
    ping, profile = network.gateway_ping, network.network_profile
    took = ping.avg_rtt if ping is not None and ping.avg_rtt is not None else 0
    gateway = f"the gateway, one step away, took {spelled(took)}"
    weak = _weak_signal(profile)
    if weak is not None:
        also = f"; {gateway}" if took >= SLOW_GATEWAY else ""
        yield Finding(cause=Cause.WIRELESS, words=f"the Wi-Fi was weak ({weak}){also}")
    elif took >= SLOW_GATEWAY:
        radio = profile is not None and profile.wireless_profile is not None
        over = ", over a Wi-Fi that is crowded or disturbed" if radio else ""
        yield Finding(cause=Cause.GATEWAY, words=f"{gateway}{over}")


def _weak_signal(profile: NetworkProfile | None) -> str | None:
    radio = profile.wireless_profile if profile else None
    if radio is None:
        return None
    if radio.rssi is not None and radio.rssi <= WEAK_SIGNAL:
        return f"{radio.rssi} dBm"
    if radio.quality is not None and radio.quality <= WEAK_QUALITY:
        return f"quality {radio.quality} %"
    return None


def _distance(network: NetworkReport) -> Iterator[Finding]:
    """The way beyond the gateway, so that a slow one is not blamed twice."""
    there = round_trip(network)
    near = network.gateway_ping.avg_rtt if network.gateway_ping and network.gateway_ping.avg_rtt else 0
    if there is not None and there - near >= LONG_WAY:
        yield Finding(cause=Cause.DISTANCE, words=f"the way there and back was long ({spelled(there)})")


def round_trip(network: NetworkReport) -> float | None:
    """Milliseconds to the site and back: by ping, else by the connection."""
    if network.ping is not None and network.ping.avg_rtt is not None:
        return network.ping.avg_rtt
    return network.connect.rtt if network.connect is not None else None


def _machine(metrics: SystemMetrics | None) -> Iterator[Finding]:
    if metrics is None or metrics.error is not None:
        return
    load, memory, total = (
        metrics.cpu_utilization,
        metrics.physical_memory_used_bytes,
        metrics.physical_memory_total_bytes,
    )
    if load is not None and load.mean >= BUSY:
        yield Finding(cause=Cause.PROCESSOR, words=f"the machine was busy (processors at {load.mean:.0%})")
    if memory is not None and total and memory.mean / total >= FULL:
        yield Finding(cause=Cause.MEMORY, words=f"the machine's memory was nearly full ({memory.mean / total:.0%})")
