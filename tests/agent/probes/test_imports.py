import grimp


def test_the_probes_know_the_measured_nouns_and_nothing_else_of_sojourn() -> None:
    graph = grimp.build_graph("sojourn")
    probes = {"sojourn.agent.probes", *graph.find_descendants("sojourn.agent.probes")}
    known = {target for module in probes for target in graph.find_modules_directly_imported_by(module)}
    assert known - probes == {"sojourn.core.measurement", "sojourn.core.report"}
