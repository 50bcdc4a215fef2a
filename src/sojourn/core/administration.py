"""What who administers an organisation may do there: the registry, with the rules that keep others safe.

Every method takes a scope that was opened by `Caller.require(Resource.ADMINISTRATION, …)`, and refuses one that is
narrowed to a person: whoever may set who sees what would else widen it for themselves. Who is no member is unknown,
in the same words whether another organisation knows them or nobody does.
"""

from collections.abc import Mapping

from sojourn.core.access import (
    AccessGroup,
    Caller,
    Level,
    Membership,
    Organisation,
    Resource,
    Scope,
    Token,
)
from sojourn.core.errors import Invalid, Unknown
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

    def member(self, scope: Scope, email: str) -> Membership:
        """One of them. Raises: Invalid, Unknown."""
        known = address(email)
        for member in self.members(scope):
            if member.principal.email == known:
                return member
        raise Unknown("member", email)

    def set_member(self, scope: Scope, email: str, group: str, own: PersonDraft | None = None) -> Membership:
        """Make somebody a member, or change the membership; `own` narrows it to that person's sessions.

        Raises: Invalid.
        """
        number = _whole(scope)
        if group not in {each.name for each in self._registry.groups(number)}:
            raise Invalid("group", "must be the name of an access group")
        return self._registry.add_member(number, email, group, own)

    def remove_member(self, scope: Scope, email: str) -> None:
        """End a membership, and the tokens that the organisation made for it. Raises: Unknown, Invalid."""
        self._registry.remove_member(_whole(scope), self.member(scope, email).principal.email)

    def invite(self, scope: Scope, email: str) -> Invited:
        """A link by which a member chooses a password, once. Raises: Invalid."""
        return self._signin.invite(_whole(scope), self._address_of_member(scope, email))

    def groups(self, scope: Scope) -> list[AccessGroup]:
        """The access groups, by name."""
        return self._registry.groups(_whole(scope))

    def group(self, scope: Scope, name: str) -> AccessGroup:
        """One of them. Raises: Unknown."""
        for group in self.groups(scope):
            if group.name == name:
                return group
        raise Unknown("access group", name)

    def set_group(self, scope: Scope, name: str, levels: Mapping[Resource, Level]) -> AccessGroup:
        """Make an access group or change what it opens; what is not named stays. Raises: Invalid."""
        return self._registry.set_group(_whole(scope), name, levels)

    def drop_group(self, scope: Scope, name: str) -> None:
        """Drop an access group that nobody is in. Raises: Unknown, Invalid."""
        self._registry.drop_group(_whole(scope), name)

    def tokens(self, scope: Scope) -> list[Token]:
        """The tokens that the organisation made, newest first."""
        return self._registry.tokens(_whole(scope))

    def token(self, scope: Scope, number: int) -> Token:
        """One of them. Raises: Unknown."""
        for token in self.tokens(scope):
            if token.id == number:
                return token
        raise Unknown("token", number)

    def add_token(self, scope: Scope, email: str, name: str, *, life: int | None = None) -> Issued:
        """A token of a member for this organisation, that lives `life` seconds. Raises: Invalid."""
        return self._registry.add_token(_whole(scope), self._address_of_member(scope, email), name, life=life)

    def revoke(self, caller: Caller, token: int) -> None:
        """End a token that the organisation made, but not the one that the caller came with. Raises: Unknown, Invalid.

        That might be the last that opens the administration: whoever wants it to end makes another and comes with it.
        """
        if self.token(caller.scope, token).id in self._signin.came_with(caller):
            raise Invalid("id", "must not be the token that you came with: come with another to revoke it")
        self._registry.revoke(_whole(caller.scope), token)

    def _address_of_member(self, scope: Scope, email: str) -> str:
        try:
            return self.member(scope, email).principal.email
        except Unknown as error:
            raise Invalid("email", "must be the address of a member") from error


def _whole(scope: Scope) -> int:
    """The organisation of a scope that is everybody's. Raises: Forbidden."""
    scope.require_everybody()
    return scope.organisation
