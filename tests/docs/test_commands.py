"""Every command that the documents name can be typed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [str(path.relative_to(ROOT)) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])]


def targets() -> dict[str, str]:
    """The targets of the Makefile that are meant to be typed, each with its line of help."""
    makefile = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", makefile, flags=re.MULTILINE))


def commands(document: str) -> set[str]:
    """The X of each `make X` in code, in a line or in a block."""
    text = (ROOT / document).read_text()
    code = re.findall(r"^```.*?^```|`[^`\n]+`", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\bmake ((?:\w+=\S+ )*)([a-z][a-z-]*)", "\n".join(code))
    return {target for _, target in found}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_of_a_document_exists(document: str) -> None:
    assert commands(document) <= targets().keys()


def test_contributing_names_every_target() -> None:
    assert commands("CONTRIBUTING.md") >= targets().keys()


def test_every_phony_target_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == targets().keys()
