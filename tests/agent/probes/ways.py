"""Ways without a network: their routers are functions. The network is in tests/agent/path."""

import asyncio

from sojourn.agent.probes.step import Answer, Step
from sojourn.agent.probes.target import Target

TARGET = Target(address="192.0.2.9", port=443)
REACHED = Answer(address="192.0.2.9", rtt=9.6, final=True, reached=True)


def router(hop: int, *, final: bool = False) -> Answer:
    """What the router at this distance answers."""
    return Answer(address=f"10.0.0.{hop}", rtt=float(hop), final=final)


def a_way(*answers: Answer | None) -> Step:
    """A way whose hops answer so; `None` is silent. The last answers what goes farther, if it is final."""

    async def send(_target: Target, hops: int, _number: int) -> Answer:
        answer = answers[min(hops, len(answers)) - 1]
        if answer is None or (hops > len(answers) and not answer.final):
            return await silence()
        return answer

    return send


async def silence() -> Answer:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("the silence ended")
