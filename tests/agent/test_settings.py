from pathlib import Path

import pytest

from sojourn.agent.privacy import Privacy
from sojourn.agent.settings import ServerSection, Settings, SettingsError, load, seconds, size, token

WHOLE = """
id = "3fde6422-f119-40e1-ae32-d08a1243c038"
name = "reception"

[server]
url = "https://sojourn.example"
token_file = "{token}"
organisation = 3

[privacy]
domains = ["site.example"]

[spool]
directory = "{state}"
max_bytes = "1 MiB"
max_age = "2d"

[browser]
executable = "/opt/chromium"
sandbox = false
page_timeout = "10s"

[[site]]
url = "https://www.site.example/"
pages = ["/", "pricing"]
interval = "10m"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    settings = load(written(tmp_path, WHOLE.format(token=tmp_path / "token", state=tmp_path / "state")))
    server = settings.uplink_server()
    assert server is not None
    assert (server.url, server.organisation, server.token()) == ("https://sojourn.example", 3, "t0ken")
    assert settings.max_bytes() == 1 << 20
    assert settings.max_age() == 2 * 86_400_000_000
    assert settings.state_directory() == tmp_path / "state"
    assert settings.owner_privacy() == Privacy(domains=("site.example",))
    assert settings.browser_settings().page_seconds == 10
    assert not settings.browser_settings().sandbox
    assert settings.sites[0].pages == ("/", "pricing")


def test_nothing_configured_is_sound_and_delivers_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    settings = load()
    assert settings == Settings()
    assert settings.uplink_server() is None
    assert settings.state_directory().name == "sojourn"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nulr = 'x'", "ulr"),
        ("[server]\nurl = 7", "server.url"),
        ("[server]\nurl = 'ftp://x'", "server.url"),
        ("[spool]\nmax_bytes = '9 lots'", "spool.max_bytes"),
        ("[spool]\nmax_age = '0d'", "spool.max_age"),
        ("[browser]\npage_timeout = 'long'", "browser.page_timeout"),
        ("[logins]\npoll = -1", "logins.poll"),
        ("[privacy]\ndomains = 'site.example'", "privacy.domains"),
        ("[[site]]\nurl = 'nonsense'", "site[0].url"),
        ("[[site]]\nurl = 'https://site.example'", "privacy.domains"),
        ("[privacy]\ndomains=['*']\n[[site]]\nurl = 'https://site.example'\ninterval = 'often'", "site[0].interval"),
        ("[privacy\n", "agent.toml"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(tmp_path: Path, text: str, named: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load(path)
    assert named in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "none.toml")


def test_the_file_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_AGENT_CONFIG", str(written(tmp_path, "name = 'here'")))
    assert load().name == "here"


@pytest.mark.parametrize(
    ("text", "told"),
    [(30, 30), ("45", 45), ("30s", 30), ("5m", 300), ("2 h", 7200), ("14d", 1_209_600), ("1w", 604_800)],
)
def test_durations(text: str | int, told: int) -> None:
    assert seconds("x", text) == told


@pytest.mark.parametrize(("text", "told"), [(1000, 1000), ("512 KiB", 524_288), ("64MiB", 67_108_864), ("1 B", 1)])
def test_sizes(text: str | int, told: int) -> None:
    assert size("x", text) == told


def test_a_token_comes_from_the_first_place_that_has_one(tmp_path: Path) -> None:
    for name in ("env", "file", "token"):
        (tmp_path / name).write_text(f"of {name}\n")
    section = ServerSection(token_file=str(tmp_path / "file"))
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert token(ServerSection(), {"SOJOURN_TOKEN": "direct"}) == "direct"
    assert token(section, {"SOJOURN_TOKEN_FILE": str(tmp_path / "env")}) == "of env"
    assert token(section, credentials) == "of file"
    assert token(ServerSection(token="inline"), credentials) == "inline"
    assert token(ServerSection(), credentials) == "of token"
    with pytest.raises(FileNotFoundError, match=r"server\.token_file"):
        token(ServerSection(), {})
