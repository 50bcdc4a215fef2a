"""What an examination found."""

from dataclasses import dataclass

from sojourn.core.upkeep import Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, why it matters, and how it is mended; `flaw` where `doctor --mend` can."""

    what: str
    why: str
    mend: str
    flaw: Flaw | None = None
