"""How the server is doing, as a page."""

import io
from collections.abc import Callable

from sojourn.core.retention import Retention, Sort
from tests.agent.chrome import needs_chromium
from tests.api.native_v1.samples import opened
from tests.console.axe import serious
from tests.console.browser import PHONE, WIDE, Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import words_of
from tests.stage import ACME, Persona, Stage


def test_it_says_how_things_are(signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder)
    stage.core.custodian.set_retention(ACME, Retention(seconds={Sort.VISIT: 30 * 86_400}))
    told = words_of(signed_in(stage.owner).get("/system"))
    assert "keeps up What comes in is written at once." in told
    assert "Sessions of Acme 1 Of these run 1" in told
    assert "Sessions of people for ever" in told
    assert "Visits 30 days after their end" in told
    assert "never Nothing of this was backed up" in told


def test_a_backup_is_told_of_and_grows_old(signed_in: SignedIn, stage: Stage) -> None:
    stage.core.back_up(io.BytesIO(), lambda done, of: None)
    owner = signed_in(stage.owner)
    assert "recent The last backup is of 23 Nov 2026" in words_of(owner.get("/system"))
    stage.clock.advance(8 * 86_400)
    assert "overdue The last backup" in words_of(signed_in(stage.owner).get("/system"))


def test_it_is_for_those_who_administer(signed_in: SignedIn, stage: Stage) -> None:
    assert signed_in(stage.reader).get("/system").status_code == 403


@needs_chromium
def test_it_is_good_to_look_at(browse_as: Callable[[Persona], Browser], stage: Stage) -> None:
    opened(stage.recorder)
    browser = browse_as(stage.owner)
    browser.open("/system")
    browser.screenshots("system")
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
        browser.look(size, scheme)
        assert serious(browser) == []
        assert browser.too_wide() == 0
