"""Programs of the machine that a probe asks: without a shell, in one tongue, to a deadline."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a program said, and its exit status."""

    status: int
    out: str
    err: str


async def ask(*argv: str, within: float = 5.0) -> Reply | None:
    """Run a program to its end; `None` if it is not there or not done `within` so many seconds.

    It speaks the C locale. It does not outlive the asking.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Reply(
        status=process.returncode or 0,
        out=out.decode(errors="replace"),
        err=err.decode(errors="replace"),
    )
