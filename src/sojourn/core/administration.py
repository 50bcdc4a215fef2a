"""What who administers an organisation may do there: the registry, with the rules that keep others safe.

Every method takes a scope that was opened by `Caller.require(Resource.ADMINISTRATION, …)`, and refuses one that is
narrowed to a person: whoever may set who sees what would else widen it for themselves.
"""

from collections.abc import Iterable, Mapping

from sojourn.core.access import EVERYBODY, AccessGroup, Level, Membership, Organisation, Resource, Scope, Token
from sojourn.core.errors import Forbidden, Invalid, Unknown
from sojourn.core.model import PersonDraft
from sojourn.core.registry import Issued, Registry, address
from sojourn.core.signin import Invited, SignIn


class Administration:
    """Members, access groups, tokens and settings of one organisation."""

    def __init__(self, registry: Registry, signin: SignIn) -> None:
        self._registry = registry
        self._signin = signin

    def organisation(self, scope: Scope) -> Organisation:
        """Its settings."""
        return self._registry.organisation(_whole(scope))

    def change_organisation(
        self,
        scope: Scope,
        *,
        name: str | None = None,
        idle_limit: int | None = None,
        rate_limit: int | None = None,
        time_zone: str | None = None,
    ) -> Organisation:
        """Change what is given. Raises: Invalid, Exists."""
        return self._registry.change_organisation(
            _whole(scope), name=name, idle_limit=idle_limit, rate_limit=rate_limit, time_zone=time_zone
        )

    def members(self, scope: Scope) -> list[Membership]:
        """Who belongs to it, by address."""
        return self._registry.members(_whole(scope))

    def set_member(self, scope: Scope, email: str, group: str, own: PersonDraft | None = None) -> Membership:
        """Make somebody a member, or change the membership; `own` narrows it to that person's sessions.

        Raises: Invalid, Unknown (access group).
        """
        number = _whole(scope)
        known = address(email)
        others = [member for member in self._registry.members(number) if member.principal.email != known]
        if len(others) < len(self._registry.members(number)):
            added = [group] if own is None else []
            self._keep_an_administrator(number, self._registry.groups(number), others, added)
        return self._registry.add_member(number, known, group, own)

    def remove_member(self, scope: Scope, email: str) -> None:
        """End a membership, and the tokens that the organisation made for it. Raises: Unknown, Invalid."""
        number = _whole(scope)
        known = address(email)
        members = self._registry.members(number)
        others = [member for member in members if member.principal.email != known]
        if len(others) == len(members):
            raise Unknown("member", email)
        self._keep_an_administrator(number, self._registry.groups(number), others)
        self._registry.remove_member(number, known)

    def invite(self, scope: Scope, email: str) -> Invited:
        """A link by which a member chooses a password, once. Raises: Unknown."""
        return self._signin.invite(_whole(scope), email)

    def groups(self, scope: Scope) -> list[AccessGroup]:
        """The access groups, by name."""
        return self._registry.groups(_whole(scope))

    def set_group(self, scope: Scope, name: str, levels: Mapping[Resource, Level]) -> AccessGroup:
        """Make an access group or change what it opens; what is not named stays. Raises: Invalid."""
        number = _whole(scope)
        changed = {group.name: group for group in self._registry.groups(number)}
        if name.strip() in changed:
            known = changed[name.strip()]
            levels = {**known.levels, **levels}
            changed[known.name] = AccessGroup(organisation=number, name=known.name, levels=levels)
            self._keep_an_administrator(number, changed.values(), self._registry.members(number))
        return self._registry.set_group(number, name, levels)

    def drop_group(self, scope: Scope, name: str) -> None:
        """Drop an access group that nobody is in. Raises: Unknown, Invalid."""
        self._registry.drop_group(_whole(scope), name)

    def tokens(self, scope: Scope) -> list[Token]:
        """The tokens that the organisation made, newest first."""
        return self._registry.tokens(_whole(scope))

    def add_token(self, scope: Scope, email: str, name: str, *, life: int | None = None) -> Issued:
        """A token of a member for this organisation. Raises: Invalid, Unknown."""
        return self._registry.add_token(_whole(scope), email, name, life=life)

    def revoke(self, scope: Scope, token: int) -> None:
        """End a token that the organisation made. Raises: Unknown."""
        self._registry.revoke(_whole(scope), token)

    def _keep_an_administrator(
        self, number: int, groups: Iterable[AccessGroup], members: Iterable[Membership], added: Iterable[str] = ()
    ) -> None:
        """Raises: Invalid, when nobody would be left who can let others in."""
        able = {group.name for group in groups if group.levels.get(Resource.ADMINISTRATION) is Level.WRITE}
        left = {member.group for member in members if member.person == EVERYBODY} | set(added)
        if not able & left:
            raise Invalid("", "Nobody would be left who may administer this organisation")


def _whole(scope: Scope) -> int:
    """The organisation of a scope that is everybody's. Raises: Forbidden."""
    if scope.person != EVERYBODY:
        raise Forbidden("access to the sessions of everybody")
    return scope.organisation
