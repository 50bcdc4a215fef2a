"""The lock files say all that is needed, and nothing about the machine that made them."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ["serve.lock", "dev.lock"]


def entries(lock: str) -> dict[str, str]:
    """The name of each locked package, with the text of its entry."""
    text = (ROOT / "requirements" / lock).read_text()
    found = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    return {canonical(entry): entry for entry in found}


def canonical(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def required(lock: str) -> set[str]:
    """The names of the packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [project["project"]["dependencies"], project["dependency-groups"]["build"]]
    if lock == "dev.lock":
        lists += [project["dependency-groups"]["dev"]]
        lists += project["project"]["optional-dependencies"].values()
    return {canonical(requirement) for names in lists for requirement in names}


@pytest.mark.parametrize("lock", LOCKS)
def test_it_holds_whatever_the_project_requires(lock: str) -> None:
    assert required(lock) <= entries(lock).keys(), "run: make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_one_version_and_its_hashes(lock: str) -> None:
    for entry in entries(lock).values():
        assert re.match(r"[\w.\[\], -]+==[\w.+!]+( ; .+)? \\\n", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_it_names_no_host_and_no_path(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    assert not re.findall(r"^(?!#|[\w]|    --hash=sha256:).+", text, flags=re.MULTILINE)


def test_developers_run_what_is_served() -> None:
    serve, dev = entries("serve.lock"), entries("dev.lock")
    assert {name: dev.get(name) for name in serve} == serve
