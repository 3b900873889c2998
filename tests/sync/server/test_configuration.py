"""Settings from a file and the environment; whatever is wrong is one line."""

from pathlib import Path

import pytest

from sync.server.configuration import BadSettings, read_settings, variables

SEED = """
server:
  port: "8080"
  interface: "0.0.0.0"
  read_timeout: "30s"
  idle_timeout: "2m"
  tls_enabled: false
database:
  postgres:
    host: "db"
    port: "5432"
    password: ""
  redis:
    db: 0
auth:
  jwt:
    secret: ""
    expiration_seconds: 3600
    signing_method: "HS256"
  oauth:
    callback_url: "http://localhost:8080/oauth2/callback"
    providers:
      google:
        enabled: true
        client_id: ""
        client_secret: ""
logging:
  level: "warn"
  max_age_days: 30
"""
SECRET = {"TMI_AUTH_JWT_SECRET": "s" * 32}


def test_the_defaults_are_the_embedded_size() -> None:
    """Loopback, a file, own keys."""
    found = read_settings(None, {})
    assert found.server.interface == "127.0.0.1"
    assert found.database.postgres is None
    assert found.auth.jwt.signing_method == "ES256"
    assert found.base_url == "http://127.0.0.1:8080"


def test_a_file_with_variables_over_it(tmp_path: Path) -> None:
    """Numbers in quotes and durations are understood; variables win, arguments win over both."""
    file = tmp_path / "c.yaml"
    file.write_text(SEED, "utf-8")
    more = {
        **SECRET, "TMI_DATABASE_POSTGRES_PASSWORD": "p", "TMI_SERVER_CORS_ORIGINS": "https://a, http://b:1",
        "TMI_AUTH_OAUTH_PROVIDERS_GOOGLE_CLIENT_SECRET": "g", "TMI_SERVER_TLS_ENABLED": "true",
        "UNRELATED": "x",
    }  # fmt: skip
    found = read_settings(file, more, {("server", "port"): 1234})
    assert found.server.port == 1234
    assert (found.server.read_timeout, found.server.idle_timeout) == (30.0, 120.0)
    assert found.server.cors_origins == ("https://a", "http://b:1")
    assert found.server.tls_enabled
    assert found.database.postgres is not None
    assert (found.database.postgres.host, found.database.postgres.password) == ("db", "p")
    assert found.auth.oauth.providers["google"].client_secret == "g"
    assert found.logging.level == "warn"


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("server: {prot: 1}", {}, "server: there is no setting 'prot'; did you mean port?"),
        ("server: {port: many}", {}, "server.port: must be a whole number, not 'many'"),
        ("server: {port: 70000}", {}, "server.port: must be a whole number of at most 65535, not '70000'"),
        ("serv: {}", {}, "there is no setting 'serv'; did you mean server?"),
        ("[1]", {}, "must hold the sections"),
        ("server: [1", {}, "line 1"),
        ("a: &a [*a]", {}, ""),
        ("server: {read_timeout: 3 weeks}", {}, "server.read_timeout: must be a number, not '3 weeks'"),
        ("auth: {jwt: {signing_method: none}}", {}, "auth.jwt.signing_method: Invalid enum value 'none'"),
        ("auth: {jwt: {signing_method: HS256, secret: short}}", {}, "at least 32 bytes"),
        ("server: {cors_origins: ['*']}", {}, "cors_origins: '*'"),
        ("server: {public_url: 'ftp://x'}", {}, "public_url must be"),
        ("server: {tls_cert_file: a, tls_enabled: true}", {}, "go together"),
        ("", {"TMI_SERVER_PROT": "1"}, "TMI_SERVER_PROT: there is no such setting"),
        ("server: 5", {"TMI_SERVER_PORT": "1"}, "server is not a section"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, text: str, environment: dict[str, str], said: str
) -> None:
    """Which file or variable, which key, what."""
    file = tmp_path / "c.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadSettings) as error:
        read_settings(file, environment)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Names the file."""
    with pytest.raises(BadSettings, match=r"no\.yaml: No such file"):
        read_settings(tmp_path / "no.yaml", {})


def test_every_key_has_a_variable() -> None:
    """The names are unique, and those that people know are among them."""
    names = variables()
    assert len(set(names.values())) == len(names)
    assert {"TMI_SERVER_PORT", "TMI_DATABASE_POSTGRES_PASSWORD", "TMI_LOGGING_LOG_DIR"} <= set(names)
