"""All operations of the dialect."""

from sojourn.api.native_v1 import (
    access_groups,
    agents,
    days,
    directory,
    erasures,
    exports,
    holds,
    imports,
    invitations,
    live,
    members,
    organisation,
    retention,
    sessions,
    tokens,
    touches,
    visits,
)
from sojourn.api.native_v1.errors import Problem, spell
from sojourn.api.native_v1.system import operations as system_operations
from sojourn.core.administration import Administration
from sojourn.core.origin import Atlas
from sojourn.web.backend import Backend
from sojourn.web.errors import PROBLEM
from sojourn.web.live import Live
from sojourn.web.openapi import Chapter
from sojourn.web.system import System


def chapter(backend: Backend, atlas: Atlas, feeds: Live, system: System, rules: Administration) -> Chapter:
    """All operations of the dialect."""
    return Chapter(
        tag=sessions.TAG,
        text="Sojourn's own words: what the console, the agent and the collectors speak.",
        operations=[
            *sessions.operations(backend),
            *days.operations(backend),
            *touches.operations(backend),
            *imports.operations(backend),
            *exports.operations(backend),
            *directory.operations(backend),
            *agents.operations(backend, atlas),
            *visits.operations(backend, atlas),
            *live.operations(backend, feeds),
            *organisation.operations(backend, rules),
            *members.operations(backend, rules),
            *invitations.operations(backend, rules),
            *access_groups.operations(backend, rules),
            *tokens.operations(backend, rules),
            *system_operations(backend, system),
            *retention.operations(backend),
            *holds.operations(backend),
            *erasures.operations(backend),
        ],
        spell=spell,
        problem=Problem,
        problem_type=PROBLEM,
    )
