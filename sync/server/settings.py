"""The server's settings as values; what reads them from a file and the environment is configuration.py."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0, le=10 * 365 * 86_400)]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Bytes = Annotated[int, Meta(ge=1_024, le=2**40)]
Rate = Annotated[int, Meta(ge=1, le=10_000_000)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the settings; a key that it does not know is a mistake."""


class ServerSettings(Section, frozen=True, kw_only=True):
    """Where the server listens and how much it takes. Times in seconds, sizes in bytes, rates a minute.

    `public_url` is how clients reach the server when that is not where it listens; `cors_origins` are the
    web pages that may use it; `trusted_proxies` the addresses whose X-Forwarded-For is believed.
    """

    port: Port = 8080
    interface: str = "127.0.0.1"
    read_timeout: Seconds = 30.0
    write_timeout: Seconds = 30.0
    idle_timeout: Seconds = 120.0
    shutdown_timeout: Seconds = 20.0
    tls_enabled: bool = False
    tls_cert_file: str = ""
    tls_key_file: str = ""
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    require_if_match: bool = False
    max_body_bytes: Bytes = 16 * 1024 * 1024
    max_message_bytes: Bytes = 64 * 1024 * 1024
    max_image_bytes: Bytes = 4 * 1024 * 1024
    requests_per_minute: Rate = 6_000
    requests_per_minute_address: Rate = 12_000
    auth_requests_per_minute: Rate = 30
    idempotency_seconds: Seconds = 86_400.0
    session_idle_seconds: Seconds = 900.0
    max_rooms: Annotated[int, Meta(ge=1, le=100_000)] = 200


class SqliteSettings(Section, frozen=True, kw_only=True):
    """The server's library file; empty for the usual place."""

    path: str = ""


class PostgresSettings(Section, frozen=True, kw_only=True):
    """A PostgreSQL database."""

    host: str = "localhost"
    port: Port = 5432
    user: str = "postgres"
    password: str = ""
    database: str = "tmi"
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"


class RedisSettings(Section, frozen=True, kw_only=True):
    """Where several processes meet; one process does without."""

    host: str = "localhost"
    port: Port = 6379
    password: str = ""
    db: Annotated[int, Meta(ge=0, le=65_535)] = 0


class DatabaseSettings(Section, frozen=True, kw_only=True):
    """SQLite unless `postgres` is there."""

    sqlite: SqliteSettings = SqliteSettings()
    postgres: PostgresSettings | None = None
    redis: RedisSettings | None = None


class JwtSettings(Section, frozen=True, kw_only=True):
    """Access tokens. HS256 needs `secret`; with ES256 the server makes and keeps its own key."""

    secret: str = ""
    expiration_seconds: Seconds = 3600.0
    signing_method: Literal["ES256", "HS256"] = "ES256"


class ProviderSettings(Section, frozen=True, kw_only=True):
    """An identity provider elsewhere."""

    enabled: bool = False
    client_id: str = ""
    client_secret: str = ""


class OauthSettings(Section, frozen=True, kw_only=True):
    """Identity providers elsewhere, and where they send people back to."""

    callback_url: str = ""
    providers: dict[str, ProviderSettings] = {}


class AuthSettings(Section, frozen=True, kw_only=True):
    """Identity. Times in seconds; `local_accounts` lets people sign in with a password of this server."""

    jwt: JwtSettings = JwtSettings()
    oauth: OauthSettings = OauthSettings()
    refresh_expiration_seconds: Seconds = 30 * 86_400.0
    refresh_grace_seconds: Annotated[float, Meta(ge=0, le=300)] = 10.0
    code_expiration_seconds: Seconds = 60.0
    ticket_expiration_seconds: Seconds = 30.0
    local_accounts: bool = True


class LoggingSettings(Section, frozen=True, kw_only=True):
    """The log: JSON lines; `is_dev` writes them for people. Without `log_dir` they go to the console only."""

    level: Literal["debug", "info", "warn", "error"] = "info"
    is_dev: bool = False
    log_dir: str = ""
    max_age_days: Annotated[int, Meta(ge=1, le=36_500)] = 30
    max_size_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    max_backups: Annotated[int, Meta(ge=0, le=10_000)] = 10
    also_log_to_console: bool = True


class Settings(Section, frozen=True, kw_only=True):
    """Everything that can be set. The defaults are the embedded size: loopback, SQLite, one process."""

    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    auth: AuthSettings = AuthSettings()
    logging: LoggingSettings = LoggingSettings()

    @property
    def base_url(self) -> str:
        """The address that clients are told, without a slash at the end."""
        server = self.server
        if server.public_url:
            return server.public_url.rstrip("/")
        host = f"[{server.interface}]" if ":" in server.interface else server.interface
        return f"{'https' if server.tls_enabled else 'http'}://{host}:{server.port}"
