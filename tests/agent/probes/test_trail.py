import asyncio

from sojourn.agent.probes.step import Answer, Step
from sojourn.agent.probes.target import Target
from sojourn.agent.probes.trail import Trail
from tests.agent.probes.ways import REACHED, TARGET, a_way, router, silence


def walk(send: Step, *, max_hops: int = 30, wait: float = 0.05) -> Trail:
    async def go() -> Trail:
        trail = Trail("tcp", TARGET, max_hops)
        await trail.walk(send, wait)
        return trail

    return asyncio.run(go())


def addresses(trail: Trail) -> dict[int, str]:
    return {hop: answers[0].address for hop, answers in trail.hops().items()}


def test_it_walks_to_the_target_and_no_farther() -> None:
    trail = walk(a_way(router(1), router(2), REACHED))
    assert trail.reached
    assert addresses(trail) == {1: "10.0.0.1", 2: "10.0.0.2", 3: "192.0.2.9"}
    assert [len(answers) for answers in trail.hops().values()] == [3, 3, 3]


def test_silent_hops_are_left_out_and_passed_by() -> None:
    trail = walk(a_way(router(1), None, None, None, None, REACHED))
    assert trail.reached
    assert list(trail.hops()) == [1, 6]


def test_after_five_silent_hops_it_gives_up() -> None:
    asked: set[int] = set()

    async def send(_target: Target, hops: int, _number: int) -> Answer:
        asked.add(hops)
        return router(2) if hops == 2 else await silence()

    trail = walk(send)
    assert not trail.reached
    assert list(trail.hops()) == [2]
    assert asked == set(range(1, 8))


def test_a_router_that_turns_packets_back_ends_the_way() -> None:
    trail = walk(a_way(router(1), router(2, final=True)))
    assert not trail.reached
    assert list(trail.hops()) == [1, 2]


def test_a_router_that_turns_packets_back_is_one_hop_though_it_answers_twice() -> None:
    behind = Answer(address="10.0.0.2", rtt=2.0, final=True)
    trail = walk(a_way(router(1), router(2), behind))
    assert not trail.reached
    assert list(trail.hops()) == [1, 2]


def test_an_answer_that_comes_late_still_leads_on() -> None:
    async def send(_target: Target, hops: int, _number: int) -> Answer:
        if hops == 5:
            await asyncio.sleep(0.3)
            return router(5)
        return REACHED if hops == 8 else await asyncio.wait_for(silence(), 0.01)

    trail = walk(send, wait=5)
    assert trail.reached
    assert list(trail.hops()) == [5, 8]


def test_it_goes_no_farther_than_asked() -> None:
    assert list(walk(a_way(*(router(hop) for hop in range(1, 9))), max_hops=4).hops()) == [1, 2, 3, 4]


def test_no_more_than_five_packets_are_on_the_way() -> None:
    flying = most = 0

    async def send(_target: Target, hops: int, _number: int) -> Answer:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.05)
        flying -= 1
        return REACHED if hops == 9 else router(hops)

    assert walk(send, wait=5).reached
    assert most == 5


def test_the_most_frequent_router_of_several_at_one_distance_is_told() -> None:
    async def send(_target: Target, hops: int, number: int) -> Answer:
        return REACHED if hops == 2 else router(7 if number == 0 else 8)

    answers = walk(send).hops()[1]
    assert [answer.address for answer in answers] == ["10.0.0.8", "10.0.0.8"]


def test_what_cannot_be_sent_ends_the_walk() -> None:
    async def send(_target: Target, hops: int, _number: int) -> Answer:
        raise OSError(101, "Network is unreachable")

    trail = walk(send)
    assert trail.failure == "Network is unreachable"
    assert trail.hops() == {}
