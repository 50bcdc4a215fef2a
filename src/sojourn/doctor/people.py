"""Who may enter: organisations without an owner, tokens that end soon, an owner's token that is none."""

from collections.abc import Iterator, Sequence

from sojourn.config import Settings
from sojourn.core.access import EVERYWHERE, Level, Membership, Organisation, Resource, Token
from sojourn.core.errors import Unauthenticated, Unknown
from sojourn.core.model import DAY, Instant
from sojourn.core.registry import Presented
from sojourn.doctor.finding import Finding
from sojourn.services import Services
from sojourn.web.times import to_seconds

SOON = 14 * DAY
SHORTEST_SECRET = 20


def examine_owners(core: Services) -> Iterator[Finding]:
    """Organisations that nobody can look after, or whose owners have no token."""
    organisations = core.registry.organisations()
    if not organisations or not core.registry.tokens(organisations[0].id):
        yield Finding(
            what="Nobody can call yet.",
            why="Nothing can be recorded or read.",
            mend="sojourn serve, whose first start makes the first organisation's owner, and prints a token",
        )
        return
    now = core.clock()
    for one in organisations:
        owners = _owners(core, one)
        if not owners:
            yield Finding(
                what=f"Organisation {one.id} ({one.name}) has no member with Write access to Administration.",
                why="Nobody but who is at this machine can let others in.",
                mend=f"sojourn user add EMAIL Owners --org {one.id}",
            )
        elif not any(
            _opens(token, one, owners, now) for maker in (one.id, EVERYWHERE) for token in core.registry.tokens(maker)
        ):
            yield Finding(
                what=f"No owner of organisation {one.id} ({one.name}) has a token that holds.",
                why="Nobody but who is at this machine can let others in.",
                mend=f"sojourn token create {owners[0].principal.email} NAME --org {one.id}",
            )


def _owners(core: Services, one: Organisation) -> Sequence[Membership]:
    groups = {group.name: group.levels for group in core.registry.groups(one.id)}
    return [
        member
        for member in core.registry.members(one.id)
        if groups.get(member.group, {}).get(Resource.ADMINISTRATION, Level.NONE) is Level.WRITE and not member.person
    ]


def _opens(token: Token, one: Organisation, owners: Sequence[Membership], now: Instant) -> bool:
    known = {owner.principal.id for owner in owners}
    return token.holds(now) and token.principal.id in known and token.organisation in (EVERYWHERE, one.id)


def examine_tokens(core: Services) -> Iterator[Finding]:
    """Tokens that end soon."""
    now = core.clock()
    told: set[int] = set()
    for one in core.registry.organisations():
        for token in core.registry.tokens(one.id):
            if token.id in told or token.expires_at is None or not token.holds(now) or token.expires_at > now + SOON:
                continue
            told.add(token.id)
            end = to_seconds(token.expires_at)
            yield Finding(
                what=f"Token {token.id} of {token.principal.email}, {token.name!r}, ends at {end}.",
                why="What uses it will be refused from then on.",
                mend=f"sojourn token create {token.principal.email} NAME --org {token.organisation or one.id}",
            )


def examine_owner_token(core: Services, settings: Settings) -> Iterator[Finding]:
    """A token in the settings that opens nothing, or can be guessed."""
    secret = settings.owner_token
    if not secret or not core.registry.organisations():
        return
    if len(secret) < SHORTEST_SECRET:
        yield Finding(
            what="SOJOURN_OWNER_TOKEN is short.",
            why="It can be guessed, and it opens everything.",
            mend="Take one of 256 random bits: openssl rand -base64 32; make another token and revoke this one.",
        )
    try:
        core.registry.identify(Presented(secret=secret))
    except (Unauthenticated, Unknown):
        yield Finding(
            what="SOJOURN_OWNER_TOKEN opens nothing.",
            why="Only the very first start looks at it; this database knew its owner before, or the token was revoked.",
            mend="Unset it, or restore the database that it was made for. A new token: sojourn token create EMAIL NAME",
        )
