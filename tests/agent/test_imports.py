"""The agent is a guest: it knows the nouns of measurement, and nothing else of this package."""

import sys
import tomllib
from pathlib import Path

import grimp
import pytest

NOUNS = {"sojourn.core.measurement", "sojourn.core.report"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("sojourn", include_external_packages=True)


@pytest.fixture(scope="module")
def agent(graph: grimp.ImportGraph) -> set[str]:
    return {"sojourn.agent", *graph.find_descendants("sojourn.agent")}


def test_it_imports_nothing_of_the_server(graph: grimp.ImportGraph, agent: set[str]) -> None:
    imported = {target for module in agent for target in graph.find_modules_directly_imported_by(module)}
    assert {target for target in imported - agent if target.startswith("sojourn")} <= NOUNS


def test_only_the_command_line_imports_it(graph: grimp.ImportGraph, agent: set[str]) -> None:
    importing = {module for target in agent for module in graph.find_modules_that_directly_import(target)} - agent
    assert all(module.startswith("sojourn.cli") for module in importing)


def test_its_dependencies_are_those_of_the_extra(graph: grimp.ImportGraph, agent: set[str]) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["agent"]]
    names = {requirement.partition(">")[0].partition("[")[0] for requirement in declared}
    imported = {target for module in agent for target in graph.find_modules_directly_imported_by(module)}
    packages = {target.partition(".")[0] for target in imported if not target.startswith("sojourn")}
    assert packages - sys.stdlib_module_names <= names
    assert {"httpx", "jeepney", "maxminddb", "psutil", "pyroute2"} <= packages
