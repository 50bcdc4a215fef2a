"""Every method of a port has a class of tests."""

import inspect
import re

import pytest

from sojourn.core.ports import AccessStore, SessionStore, SignInStore
from tests.storage import (
    test_access,
    test_agents,
    test_busy,
    test_live,
    test_signin,
    test_store,
    test_totals,
    test_touching,
    test_visits,
)


@pytest.mark.parametrize(
    ("port", "tests"),
    [
        (SessionStore, (test_store, test_totals, test_visits, test_agents, test_touching, test_live, test_busy)),
        (AccessStore, (test_access,)),
        (SignInStore, (test_signin,)),
    ],
)
def test_each_method_of_the_port_has_a_test_class(port: type, tests: tuple[object, ...]) -> None:
    methods = {name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")}
    tested = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name.removeprefix("Test")).lower()
        for module in tests
        for name, found in inspect.getmembers(module, inspect.isclass)
        if name.startswith("Test") and any(test.startswith("test_") for test in vars(found))
    }
    assert methods
    assert methods - tested == set()
