from rich.console import Console

from sojourn.agent.report import rendered
from sojourn.core.measurement import NetworkProfile, Ping, Traceroute
from sojourn.core.report import NetworkReport, Visit
from tests.agent.test_wire import VISIT


def text_of(visit: Visit) -> str:
    console = Console(width=120, no_color=True)
    with console.capture() as captured:
        console.print(rendered(visit))
    return captured.get()


def test_a_person_can_read_a_visit() -> None:
    text = text_of(VISIT)
    for told in ("https://www.thousandeyes.com:443", "Google Chrome 57.0.2987.98", "874 ms", "3492 ms", "77.45 ms"):
        assert told in text
    assert "L=301472,E=0,S=1,T=1" in text
    assert "ping: Request timed out before getting response" in text
    assert "blocked" in text


def test_what_was_not_measured_is_not_told_as_zero() -> None:
    bare = Visit(agent_id="a", date=0, visited_site="site.example", protocol="http", port=80)
    text = text_of(bare)
    assert "site.example" in text
    assert " 0 " not in text
    assert "Ping" not in text


def test_failures_are_told_as_such() -> None:
    network = NetworkReport.of(
        network_profile=NetworkProfile(error="no route"),
        gateway_ping=Ping.of(2, [1.0, 2.0]),
        traceroute=Traceroute(error="no way"),
    )
    text = text_of(Visit(agent_id="a", date=0, visited_site="s", protocol="http", port=80, network=network))
    assert "no route" in text
    assert "Traceroute: no way" in text
    assert "2 of 2 answered, 1/1.5/2/0.5 ms" in text


def test_what_a_page_calls_itself_is_text_and_no_markup() -> None:
    import dataclasses

    page = dataclasses.replace(VISIT.pages[0], title="[bold]not[/bold] [link=x]")
    assert "[bold]not[/bold] [link=x]" in text_of(dataclasses.replace(VISIT, pages=(page,)))
