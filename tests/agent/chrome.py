"""Whether there is a Chromium to test with, and how it is run here."""

import os

import pytest

from sojourn.agent.browser.devtools import BrowserError
from sojourn.agent.browser.process import BrowserSettings, found

SETTINGS = BrowserSettings(sandbox=os.geteuid() != 0, page_seconds=20)


def is_missing() -> bool:
    """Whether there is none."""
    try:
        return not found(SETTINGS)
    except BrowserError:
        return True


needs_chromium = pytest.mark.skipif(is_missing(), reason="no Chromium is installed (Debian package: chromium)")
