import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from sojourn.agent.probes.program import Reply, ask


def test_it_tells_what_the_program_said_and_how_it_ended() -> None:
    reply = asyncio.run(ask("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert reply == Reply(status=3, out="out\n", err="err\n")


def test_the_program_speaks_the_c_locale() -> None:
    assert asyncio.run(ask("sh", "-c", "printf %s $LC_ALL")) == Reply(status=0, out="C", err="")


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert asyncio.run(ask("printf", r"\377")) == Reply(status=0, out="\ufffd", err="")


def test_a_program_that_is_not_there_says_nothing() -> None:
    assert asyncio.run(ask("/nonexistent/program")) is None


def wait_for(file: Path) -> None:
    while not file.exists() or not file.read_text():
        time.sleep(0.01)


def is_running(number: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(number, 0)
        return True
    return False


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    told = asyncio.run(ask("sh", "-c", f"echo $$ > {tmp_path}/number; exec sleep 60", within=0.5))
    assert told is None
    assert time.monotonic() - started < 20
    assert not is_running(int((tmp_path / "number").read_text()))


def test_a_program_does_not_outlive_a_cancelled_question(tmp_path: Path) -> None:
    async def cancel() -> None:
        task = asyncio.create_task(ask("sh", "-c", f"echo $$ > {tmp_path}/number; exec sleep 60", within=60))
        await asyncio.to_thread(wait_for, tmp_path / "number")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert not is_running(int((tmp_path / "number").read_text()))
