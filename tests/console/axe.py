"""axe-core, the checker of accessibility: put into the page by the debugger, which no policy of the page stops."""

from importlib.resources import files
from typing import Any

from tests.console.browser import Browser

# The wheel is the way that axe-core comes by PyPI; what it brings for Playwright is not used.
_SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

_RUN = """axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}).then((told) => told.violations.map(({id, impact, help, nodes}) => ({id, impact, help,
    nodes: nodes.slice(0, 5).map((node) => node.html.slice(0, 200) + " | " + node.failureSummary.slice(0, 300))})))"""


def findings(browser: Browser) -> list[dict[str, Any]]:
    """What is wrong with the page that is shown: `id`, `impact`, `help`, and where."""
    browser.evaluate(f"{_SCRIPT}; undefined")
    told: list[dict[str, Any]] = browser.evaluate(_RUN)
    return told


def serious(browser: Browser) -> list[dict[str, Any]]:
    """What of it keeps somebody from reading or using the page."""
    return [found for found in findings(browser) if found["impact"] in ("serious", "critical")]
