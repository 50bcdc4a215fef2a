"""One page of a HAR log."""

from typing import Any

import msgspec

from sojourn.core.errors import Unknown


def of_page(document: str, page_id: str) -> dict[str, Any]:
    """The log with that page and its requests alone. Raises: Unknown, where the log has no such page."""
    har: dict[str, Any] = msgspec.json.decode(document, type=dict[str, Any])
    log = har.get("log")
    if not isinstance(log, dict):
        raise Unknown("page", page_id)
    pages = [page for page in log.get("pages") or () if page.get("id") == page_id]
    if not pages:
        raise Unknown("page", page_id)
    entries = [entry for entry in log.get("entries") or () if entry.get("pageref", page_id) == page_id]
    return {"log": {**log, "pages": pages, "entries": entries}}
