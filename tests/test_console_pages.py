"""`make bench-console` signs in as somebody would, and reads whole pages."""

from benchmarks.console import entered, fetched, work
from benchmarks.reading import served
from tests.storage.desk import MIDNIGHT


def test_pages_are_read_to_their_end_by_somebody_who_has_signed_in(sqlite_url: str) -> None:
    with served(sqlite_url, 100, MIDNIGHT, 1_000_000) as host:
        cookie = entered(host)
        for path in ("/sessions", f"/sessions/{work(host, 30)}", "/entities?type=CUSTOMER&id=7"):
            first, whole, size = fetched(host, path, cookie)
            assert 0 < first <= whole
            assert size > 2_000
