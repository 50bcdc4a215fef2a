"""The core stands on Python alone: what import-linter can only list, this leaves open to nobody."""

import sys

import grimp


def test_the_core_imports_the_standard_library_only() -> None:
    graph = grimp.build_graph("sojourn", include_external_packages=True)
    core = {"sojourn.core", *graph.find_descendants("sojourn.core")}
    imported = {(module, target) for module in core for target in graph.find_modules_directly_imported_by(module)}
    assert core <= graph.modules
    strangers = {
        (module, target)
        for module, target in imported
        if target not in core and target.split(".")[0] not in sys.stdlib_module_names
    }
    assert not strangers
