"""What the console leads to, in the order in which it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from sojourn.console.page import Page
from sojourn.core.access import Caller, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: its name, where it leads, and which picture stands before it (`parts/icon.html`)."""

    name: str
    path: str
    icon: str


ENTRIES = (
    Entry(name="Sessions", path="/sessions", icon="sessions"),
    Entry(name="Entities", path="/entities", icon="entities"),
    Entry(name="People", path="/people", icon="people"),
    Entry(name="Visits", path="/visits", icon="visits"),
    Entry(name="Devices", path="/devices", icon="devices"),
    Entry(name="Agents", path="/agents", icon="agents"),
    Entry(name="Live", path="/live", icon="live"),
    Entry(name="Access", path="/access", icon="access"),
    Entry(name="Organisation", path="/organisation", icon="organisation"),
    Entry(name="System", path="/system", icon="system"),
)


class Navigation:
    """Shows each caller what they may open; a page that is not there is not shown."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}

    def know(self, pages: Iterable[Page]) -> None:
        """The pages that there are."""
        self._pages = {page.path: page for page in pages if page.method == "GET"}

    def entries(self, caller: Caller) -> list[Entry]:
        """What one may open."""
        return [entry for entry in ENTRIES if entry.path in self._pages and may(caller, self._pages[entry.path])]

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        return path in self._pages

    def current(self, path: str) -> str:
        """The entry that a path belongs to, or nothing: `/sessions/7` belongs to `/sessions`."""
        return next((entry.path for entry in ENTRIES if path == entry.path or path.startswith(f"{entry.path}/")), "")


def may(caller: Caller, page: Page) -> bool:
    """Whether a page is open to a caller."""
    return page.resource is None or caller.levels.get(page.resource, Level.NONE) >= page.level
