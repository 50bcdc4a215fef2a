"""Answers that are told while the request is still heard."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from sojourn.web.dialogue import CHUNK_BYTES, MEMORY_BYTES, Dialogue


async def told(chunks: AsyncIterator[bytes], reading: asyncio.Event | None = None) -> list[Message]:
    """What is sent of an answer to a client that begins to read then."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        if reading:
            await reading.wait()
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    dialogue = Dialogue(chunks, "text/plain")
    try:
        await asyncio.wait_for(dialogue({"type": "http", "state": {"request_id": "1"}}, receive, send), 60)
    except OSError:
        sent.append({"type": "cut short"})
    return sent


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def body(messages: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


def test_it_tells_all_and_then_ends() -> None:
    sent = asyncio.run(told(chunks(b"one", b"two")))
    assert (sent[0]["type"], sent[0]["status"]) == ("http.response.start", 200)
    assert b"content-length" not in dict(sent[0]["headers"])
    assert body(sent) == b"onetwo"
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]


def test_nothing_is_an_empty_answer() -> None:
    assert body(asyncio.run(told(chunks()))) == b""


def test_what_is_not_read_waits_in_a_spool_however_much_it_is() -> None:
    async def run() -> list[Message]:
        reading = asyncio.Event()

        async def much() -> AsyncIterator[bytes]:
            for i in range(3 * MEMORY_BYTES // 1000):
                yield b"%09d\n" % i * 100
            reading.set()

        return await told(much(), reading)

    sent = asyncio.run(run())
    lines = body(sent).splitlines()
    assert lines == [b"%09d" % i for i in range(3 * MEMORY_BYTES // 1000) for _ in range(100)]
    assert max(len(message.get("body", b"")) for message in sent) <= CHUNK_BYTES


def test_what_goes_wrong_cuts_it_short() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        await asyncio.sleep(0)
        raise OSError("gone")

    sent = asyncio.run(told(failing()))
    assert sent[-1]["type"] == "cut short"
    assert all(message.get("more_body", True) for message in sent)


@pytest.mark.parametrize("pause", [False, True])
def test_the_answer_begins_with_the_first_chunk(pause: bool) -> None:
    async def run() -> list[Message]:
        begin = asyncio.Event()

        async def late() -> AsyncIterator[bytes]:
            await begin.wait()
            yield b"one"

        task = asyncio.create_task(told(late() if pause else chunks(b"one")))
        for _ in range(10):
            await asyncio.sleep(0)
        begin.set()
        return await task

    assert body(asyncio.run(run())) == b"one"
