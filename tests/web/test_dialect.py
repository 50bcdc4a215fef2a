"""The dispatcher: what is no text in a path or a query, before anybody looks at it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.errors import Invalid
from sojourn.web.dialect import check_text


@pytest.mark.parametrize("name", ["raw_path", "query_string"])
@pytest.mark.parametrize("written", [b"%FF", b"a%C3", b"%ED%A0%80", b"\xff", b"x=%E2%28%A1"])
def test_what_is_no_utf_8_is_refused(name: str, written: bytes) -> None:
    with pytest.raises(Invalid, match="is not UTF-8"):
        check_text({name: written})


@pytest.mark.parametrize("written", [b"", b"%", b"%zz", b"a+b", b"%F0%9F%A7%AD", b"%00", "Zürich".encode()])
def test_what_is_text_is_not(written: bytes) -> None:
    check_text({"raw_path": written, "query_string": written})


@given(st.text())
def test_any_text_may_be_written(text: str) -> None:
    check_text({"query_string": text.encode()})
