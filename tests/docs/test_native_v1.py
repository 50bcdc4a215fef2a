"""The page of the native dialect tells what the server does."""

import re
from pathlib import Path

from tests.stage import Stage

PAGE = (Path(__file__).parent.parent.parent / "docs/dialects/native-v1.md").read_text()


def test_the_page_tells_every_operation_and_no_other(stage: Stage) -> None:
    paths = stage.nobody.get("/openapi.json").json()["paths"]
    served = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        if path.startswith("/api/v1/")
        for method in methods
    }
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", PAGE, flags=re.MULTILINE))
    assert told == served


def test_the_page_tells_every_parameter_of_the_search(stage: Stage) -> None:
    search = stage.nobody.get("/openapi.json").json()["paths"]["/api/v1/sessions"]["get"]
    (told,) = re.findall(r"Finds them: `([^`]+)`", PAGE)
    served = {parameter["name"] for parameter in search["parameters"] if parameter.get("in") == "query"}
    assert set(told.split()) == served
