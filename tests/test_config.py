"""Settings: from the environment, from a file, from files of secrets; what is wrong is named."""

from pathlib import Path

import pytest

from sojourn.config import Settings, about_settings, default_file, load, variables
from sojourn.core.errors import Invalid


def test_nothing_set_is_the_defaults() -> None:
    assert load({}) == Settings()


def test_the_default_database_is_a_file_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "a #1 folder"))
    assert default_file() == tmp_path / "a #1 folder" / "sojourn" / "sojourn.db"
    assert load({}).database_url == f"sqlite:///{tmp_path}/a%20%231%20folder/sojourn/sojourn.db"
    assert not default_file().parent.exists()


def test_the_environment_is_read() -> None:
    settings = load({"SOJOURN_PORT": "9000", "SOJOURN_HOST": "::1", "SOJOURN_LOG_LEVEL": "WARNING", "OTHER": "x"})
    assert (settings.port, settings.host, settings.log_level) == (9000, "::1", "warning")


def test_a_variable_that_is_empty_is_as_good_as_none() -> None:
    assert load({"SOJOURN_PORT": "", "SOJOURN_OWNER_TOKEN": "", "SOJOURN_CONFIG": ""}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sojourn.toml"
    path.write_text('port = 9000\nhost = "::1"\n')
    settings = load({"SOJOURN_CONFIG": str(path), "SOJOURN_PORT": "9001"})
    assert (settings.port, settings.host) == (9001, "::1")


@pytest.mark.parametrize("issuer", ["https://login.example.org/", "http://localhost:8090/realms/x", "http://[::1]"])
def test_an_issuer_is_kept_as_it_calls_itself(issuer: str) -> None:
    known = load({"SOJOURN_OPENID_ISSUER": issuer, "SOJOURN_OPENID_CLIENT_ID": "sojourn"})
    assert known.openid_issuer == issuer


def test_an_issuer_needs_a_client() -> None:
    with pytest.raises(Invalid, match="is mandatory with SOJOURN_OPENID_ISSUER") as refused:
        load({"SOJOURN_OPENID_ISSUER": "https://login.example.org"})
    assert refused.value.field == "SOJOURN_OPENID_CLIENT_ID"


@pytest.mark.parametrize("name", ["database", "owner_token", "openid_client_secret"])
def test_a_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("sqlite:///x.db\n")
    assert getattr(load({f"SOJOURN_{name.upper()}_FILE": str(path)}), name) == "sqlite:///x.db"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="SOJOURN_OWNER_TOKEN and SOJOURN_OWNER_TOKEN_FILE"):
        load({"SOJOURN_OWNER_TOKEN": "x", "SOJOURN_OWNER_TOKEN_FILE": "y"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOJOURN_PORT", "http"),
        ("SOJOURN_PORT", "-1"),
        ("SOJOURN_PORT", "65536"),
        ("SOJOURN_PORT", "\uff18\uff10"),
        ("SOJOURN_QUEUE", "0"),
        ("SOJOURN_READERS", "1000"),
        ("SOJOURN_LOG_LEVEL", "loud"),
        ("SOJOURN_PUBLIC_URL", "sojourn.example.org"),
        ("SOJOURN_PUBLIC_URL", "https://"),
        ("SOJOURN_PUBLIC_URL", "https://host:port/"),
        ("SOJOURN_PUBLIC_URL", "https://[::1"),
        ("SOJOURN_PUBLIC_URL", "https://host/?a=b"),
        ("SOJOURN_OPENID_ISSUER", "login.example.org"),
        ("SOJOURN_OPENID_ISSUER", "http://login.example.org"),
        ("SOJOURN_OPENID_ISSUER", "https://login.example.org?a=b"),
        ("SOJOURN_OPENID_ISSUER", "https://[::1"),
        ("SOJOURN_TRUSTED_PROXIES", "*"),
        ("SOJOURN_TRUSTED_PROXIES", "10.0.0.1,proxy.example.org"),
        ("SOJOURN_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SOJOURN_OWNER_TOKEN_FILE", "/no/such/file"),
        ("SOJOURN_CONFIG", "/no/such/file"),
    ],
)
def test_what_is_wrong_is_named(variable: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        load({variable: value})
    assert refused.value.field == variable


@pytest.mark.parametrize("text", ["port = true", 'port = "x"', "host = 5", "colour = 1", "port ="])
def test_a_file_is_held_to_the_same_rules(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sojourn.toml"
    path.write_text(text)
    with pytest.raises(Invalid):
        load({"SOJOURN_CONFIG": str(path)})


def test_a_public_url_loses_its_last_slash() -> None:
    assert load({"SOJOURN_PUBLIC_URL": "https://host/desk/"}).public_url == "https://host/desk"


def test_proxies_are_told_one_by_one() -> None:
    assert load({"SOJOURN_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 ,::1"}).proxies == ["127.0.0.1", "10.0.0.0/8", "::1"]
    assert load({}).proxies == []


def test_no_secret_is_told() -> None:
    told = repr(Settings(database="postgresql://u:hidden@h/d", owner_token="hidden"))
    assert "hidden" not in told


def test_every_variable_is_known() -> None:
    assert {"SOJOURN_CONFIG", "SOJOURN_DATABASE", "SOJOURN_DATABASE_FILE", "SOJOURN_OWNER_TOKEN_FILE"} < variables()
    assert "SOJOURN_HOST_FILE" not in variables()
    assert all(about.help.endswith(".") for _, about in about_settings().values())
