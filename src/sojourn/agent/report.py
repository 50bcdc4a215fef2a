"""A visit as a table that a person can read."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sojourn.agent.clock import text_of
from sojourn.core.measurement import Hop, NetworkProfile, Ping, Statistics, SystemMetrics, Traceroute
from sojourn.core.report import NetworkReport, Visit


def rendered(visit: Visit) -> RenderableType:
    """Make the tables of a visit: itself, its pages, the network, and the way there."""
    parts: list[RenderableType] = [_summary(visit)]
    if visit.pages:
        parts.append(_pages(visit))
    if visit.network is not None and visit.network.traceroute is not None:
        parts.append(_way(visit.network.traceroute))
    return Group(*parts)


def _summary(visit: Visit) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Site", Text(f"{visit.protocol}://{visit.visited_site}:{visit.port}", style="bold"))
    table.add_row("Date", Text(text_of(visit.date)))
    if visit.browser is not None:
        table.add_row("Browser", Text(" ".join(filter(None, (visit.browser.name, visit.browser.version)))))
    for name, value in _network(visit.network) if visit.network is not None else ():
        table.add_row(name, value)
    return table


def _network(network: NetworkReport) -> Iterator[tuple[str, Text]]:
    if (profile := network.network_profile) is not None:
        yield "Interface", _failed(profile.error) or Text(_profile(profile))
        if profile.dns_servers:
            yield "DNS servers", Text(", ".join(profile.dns_servers))
    if (connect := network.connect) is not None:
        yield "Connect", _failed(connect.error) or Text(_ms(connect.rtt))
    if network.ping is not None:
        yield "Ping", _failed(network.ping.error) or Text(_ping(network.ping))
    if network.gateway_ping is not None:
        yield "Gateway ping", _failed(network.gateway_ping.error) or Text(_ping(network.gateway_ping))
    if network.icmp_blocked is not None:
        yield "ICMP", Text("blocked" if network.icmp_blocked else "answered")
    if (metrics := network.system_metrics) is not None:
        yield "Processors", _failed(metrics.error) or Text(_processors(metrics))
        if metrics.error is None:
            yield "Memory", Text(_memory(metrics))
    for error in network.errors:
        yield "Error", Text(error, style="red")


def _pages(visit: Visit) -> Table:
    table = Table(title="Pages", title_justify="left", title_style="bold")
    for name in ("Page", "Status", "First byte", "DOM", "Load"):
        table.add_column(name, justify="left" if name == "Page" else "right", overflow="fold")
    for page in visit.pages:
        timings = page.page_timings
        named = Text(page.title, style="bold")
        if page.url and page.url != page.title:
            named.append(f"\n{page.url}", style="dim")
        table.add_row(
            named,
            "–" if page.response_code is None else str(page.response_code),
            _ms(page.response_time),
            _ms(None if timings is None else timings.on_content_load),
            _ms(None if timings is None else timings.on_load),
        )
    return table


def _way(traceroute: Traceroute) -> RenderableType:
    if traceroute.error is not None:
        return Text(f"Traceroute: {traceroute.error}", style="red")
    reached = "" if traceroute.reached is not False else " (not reached)"
    title = f"Way to {traceroute.destination} by {traceroute.protocol}{reached}"
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("Hop", "Address", "Name", "Delay", "AS", "Labels"):
        table.add_column(name, justify="right" if name in ("Hop", "Delay", "AS") else "left", overflow="fold")
    for hop in traceroute.hops or ():
        table.add_row(*_hop(hop))
    return table


def _hop(hop: Hop) -> tuple[str | Text, ...]:
    return (
        str(hop.hop),
        Text(hop.ip_address),
        Text("" if hop.name == hop.ip_address else hop.name),
        _ms(hop.delay),
        "" if hop.asn is None else str(hop.asn),
        Text("\n".join(hop.mpls or ())),
    )


def _profile(profile: NetworkProfile) -> str:
    told = (profile.interface_name, profile.hardware_type, profile.ip_address)
    via = f"via {profile.gateway}" if profile.gateway else None
    radio = profile.wireless_profile
    ssid = f"{radio.ssid} ({radio.rssi} dBm)" if radio is not None and radio.ssid else None
    return "  ".join(part for part in (*told, via, ssid) if part)


def _ping(ping: Ping) -> str:
    times = "/".join(_number(value) for value in (ping.min_rtt, ping.avg_rtt, ping.max_rtt, ping.mean_dev_rtt))
    return f"{ping.pkts_received} of {ping.pkts_sent} answered, {times} ms (min/avg/max/mdev)"


def _processors(metrics: SystemMetrics) -> str:
    load = metrics.cpu_utilization
    return "–" if load is None else f"{load.mean:.0%} (up to {load.max:.0%})"


def _memory(metrics: SystemMetrics) -> str:
    used, total = metrics.physical_memory_used_bytes, metrics.physical_memory_total_bytes
    return f"{_gib(used)} of {total / 2**30:.1f} GiB" if total else _gib(used)


def _gib(used: Statistics | None) -> str:
    return "–" if used is None else f"{used.mean / 2**30:.1f} GiB"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{_number(value)} ms"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}" if value < 1000 else f"{value:.0f}"


def _failed(error: str | None) -> Text | None:
    return None if error is None else Text(error, style="red")
