"""All operations of the dialect."""

from sojourn.api.native_v1 import directory, exports, imports, sessions
from sojourn.api.native_v1.errors import Problem, spell
from sojourn.web.backend import Backend
from sojourn.web.errors import PROBLEM
from sojourn.web.openapi import Chapter


def chapter(backend: Backend) -> Chapter:
    """All operations of the dialect."""
    return Chapter(
        tag=sessions.TAG,
        text="Sojourn's own words: what the console, the agent and the collectors speak.",
        operations=[
            *sessions.operations(backend),
            *imports.operations(backend),
            *exports.operations(backend),
            *directory.operations(backend),
        ],
        spell=spell,
        problem=Problem,
        problem_type=PROBLEM,
    )
