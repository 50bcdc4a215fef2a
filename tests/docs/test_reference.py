"""The reference pages are what the code says, and every command that a document shows can be typed."""

import re
import shlex
from pathlib import Path

import click
import pytest

from sojourn.cli import main
from tests.docs import reference

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_BLOCK = re.compile(r"^ *```(?:sh|)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_SUBSTITUTION = re.compile(r"\$\((.*?)\)")


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_a_reference_page_is_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "write it again: make docs"


def code(text: str) -> list[tuple[str, bool]]:
    """The lines of code in a document; and what stands between backticks, which need not be a whole command."""
    blocks = _BLOCK.findall(text)
    inline = _INLINE.findall(_BLOCK.sub("", text))
    return [(line.strip(), True) for block in blocks for line in block.splitlines()] + [
        (" ".join(found.split()), False) for found in inline
    ]


def typed(line: str) -> list[list[str]]:
    """The words of each `sojourn …` command in a line of shell."""
    found = []
    for inner in _SUBSTITUTION.findall(line):
        found += typed(inner)
    for part in re.split(r"\|\||&&|[|;<>&]", _SUBSTITUTION.sub("X", line).partition("  #")[0]):
        try:
            words = shlex.split(part)
        except ValueError:
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words and Path(words[0]).name == "sojourn":
            found.append(words[1:])
    return found


def hold(words: list[str], *, whole: bool) -> None:
    """Fails where the words are no command, or not all that the command needs."""
    command: click.Command = main
    context = click.Context(main, info_name="sojourn")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        inner = command.get_command(context, name)
        assert inner is not None, f"there is no command {name}"
        command, context = inner, click.Context(inner, info_name=name, parent=context)
    if not isinstance(command, click.Group) and (whole or words) and "…" not in words:
        command.make_context(command.name, words, parent=context.parent)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_document_can_be_typed(path: Path) -> None:
    if path.name == "commands.md":  # shows each command's form, which is none that can be typed
        return
    for line, whole in code(path.read_text(encoding="utf-8")):
        for words in typed(line):
            hold(words, whole=whole)


@pytest.mark.parametrize("words", dict(reference.commands()))
def test_the_examples_of_a_command_can_be_typed(words: str) -> None:
    examples = reference.examples(dict(reference.commands())[words])
    assert examples
    for line in examples:
        assert typed(line)
        for inner in typed(line):
            hold(inner, whole=True)


def test_what_cannot_be_typed_is_found() -> None:
    for words in (["sevre"], ["token", "make"], ["token", "create", "EMAIL"], ["export", "--frm", "csv"]):
        with pytest.raises((AssertionError, click.UsageError)):
            hold(words, whole=True)


def test_links_between_documents_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_decisions_have_each_a_number_of_their_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
