"""Every setting, typed, in one list: `PRESSWORK_*` in the environment or a `.env` file, or a flag of the same meaning."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "PRESSWORK_"
_NUMBER: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)


def _seconds(value: object) -> object:
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]
"""A plain number is seconds, as in PRESSWORK_WORKER_LEASE=30; ISO 8601 (PT6H) is taken too."""


class Settings(BaseSettings):
    """The set-up of one process. Read once at its start and handed on; nothing else reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    # Where things are
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("presswork", appauthor=False),
        description="Folder of the embedded database, local media, the sandbox's memory and the generated secret key.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL 15 or newer, as postgresql://user:password@host:port/name, with several hosts where a standby may take over (host1,host2). Unset: the embedded server in the data folder.",
    )
    database_listen_url: SecretStr | None = Field(
        default=None,
        description="The same database without a pooler like PgBouncer in between, which lets no hints through. Unset: database_url.",
    )
    media_store: str | None = Field(
        default=None,
        description="Where media lives: a folder, or a bucket as s3://…, gs://… or az://…. Unset: the folder media in the data folder.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which platforms and browsers reach the API, like https://presswork.example.com. Live projects need it. Unset: the address that the API listens on.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the API listens on.")

    # Secrets
    secret_keys: SecretStr | None = Field(
        default=None,
        description="Comma-separated keys (32 bytes, base64url) that seal tokens and sign URLs: one leads, all of them open (`presswork secrets`). Unset: one is made in the data folder.",
    )

    check_shared: bool = Field(
        default=True,
        description="Whether API and worker refuse to start where none of the newest tokens can be opened, or none of the newest media found: then this machine has other keys, or another media store, than the others. Off only where these are lost for good.",
    )

    # The sandbox
    sandbox: bool = Field(
        default=True,
        description="Whether the API serves the sandbox under /sandbox, for test projects.",
    )
    sandbox_url: str | None = Field(
        default=None,
        description="Address of a sandbox that runs apart, like http://sandbox:8001/sandbox. Unset: the one that the API serves.",
    )

    # Platforms, for live projects
    instagram_client_id: str | None = Field(default=None, description="Instagram app id, for live projects.")
    instagram_client_secret: SecretStr | None = Field(
        default=None, description="Instagram app secret, for live projects."
    )
    instagram_api_version: str = Field(
        default="v25.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API that is called."
    )
    instagram_graph_url: str = Field(
        default="https://graph.instagram.com", description="Base address of Instagram's Graph API."
    )
    instagram_api_url: str = Field(
        default="https://api.instagram.com", description="Base address of Instagram's code exchange."
    )
    instagram_www_url: str = Field(
        default="https://www.instagram.com", description="Base address of Instagram's authorize page."
    )
    facebook_client_id: str | None = Field(
        default=None, description="Meta app id, for live projects that connect Instagram accounts by Facebook."
    )
    facebook_client_secret: SecretStr | None = Field(
        default=None, description="Meta app secret, for live projects that connect Instagram accounts by Facebook."
    )
    facebook_extra_scopes: str | None = Field(
        default=None,
        description="Comma-separated permissions to ask for beyond those that publishing needs, like business_management for Pages of a business portfolio.",
    )
    facebook_graph_url: str = Field(
        default="https://graph.facebook.com", description="Base address of Facebook's Graph API."
    )
    facebook_www_url: str = Field(
        default="https://www.facebook.com", description="Base address of Facebook's authorize page."
    )
    facebook_upload_url: str = Field(
        default="https://rupload.facebook.com", description="Base address that the bytes of videos are sent to."
    )
    tiktok_client_key: str | None = Field(default=None, description="TikTok client key, for live projects.")
    tiktok_client_secret: SecretStr | None = Field(default=None, description="TikTok client secret, for live projects.")
    tiktok_api_url: str = Field(default="https://open.tiktokapis.com", description="Base address of TikTok's API.")
    tiktok_www_url: str = Field(
        default="https://www.tiktok.com",
        description="Base address of TikTok's authorize page and of links to posts.",
    )

    # Text messages, for live projects
    sms_api_url: str = Field(
        default="https://api.twilio.com", description="Base address of a service that speaks Twilio's Messages API."
    )
    sms_account_sid: str | None = Field(
        default=None, description="Account with the text message service (AC…), for live projects."
    )
    sms_auth_token: SecretStr | None = Field(
        default=None, description="Its auth token, which also signs the service's status reports."
    )
    sms_from: str | None = Field(
        default=None, description="Sender of text messages: a phone number in E.164, or a messaging service (MG…)."
    )

    # Behaviour
    republish_after_live: Duration = Field(
        default=timedelta(seconds=120),
        description="Live projects: how long after a lost answer a post must count as not live (an Instagram container stays FINISHED, say) before the call is repeated.",
    )
    republish_after_test: Duration = Field(
        default=timedelta(seconds=2),
        description="Test projects: the same as republish_after_live.",
    )
    managed_deadline_live: Duration = Field(
        default=timedelta(hours=72),
        description="Live projects: how long a managed provider has to begin publishing a post. Media URLs that it gets outlast it by a day.",
    )
    managed_deadline_test: Duration = Field(
        default=timedelta(seconds=120),
        description="Test projects: the same as managed_deadline_live.",
    )
    worker_concurrency: int = Field(
        default=500, ge=1, le=10_000, description="Posts that one worker has in flight at once."
    )
    worker_lease: Duration = Field(
        default=timedelta(seconds=30),
        description="How long a worker owns a post without renewing; another takes it over after that.",
    )
    media_processes: int = Field(default=2, ge=1, le=64, description="Processes that probe and convert media.")
    media_url_lifetime: Duration = Field(default=timedelta(hours=6), description="How long a signed media URL works.")
    upload_url_lifetime: Duration = Field(
        default=timedelta(hours=1), description="How long a presigned upload URL works."
    )
    allow_private_media: bool = Field(
        default=False,
        description="Let content/upload fetch media from private and loopback addresses. For development only.",
    )
    webhook_concurrency: int = Field(
        default=100,
        ge=2,
        le=1_000,
        description="Webhook endpoints that one worker delivers to at once, over at most four connections each. At most half of them are endpoints that failed last.",
    )
    allow_private_webhooks: bool = Field(
        default=False,
        description="Let webhook endpoints be private and loopback addresses, and plain http. For development, or where only trusted people have keys.",
    )

    # Logs
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="json for machines, text for people, auto: text on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line that is logged."
    )

    # Watching it
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What a scraper of /metrics sends as its bearer token. Unset: a key with metrics:read, or no public URL and a call from this machine.",
    )
    worker_metrics_host: str = Field(
        default="127.0.0.1", description="Address that workers show their metrics on, if they have a port for it."
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port that a worker shows its metrics on; 0 takes a free one. Unset: `presswork up` takes a free one, other workers show none.",
    )
    otel_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("PRESSWORK_OTEL_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Base address of an OpenTelemetry collector (OTLP over HTTP), like http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT does as well. Unset: no traces.",
    )
    ready_late_after: Duration = Field(
        default=timedelta(minutes=2),
        description="How long a post may wait for nothing but a worker until /readyz says that the service is not ready.",
    )


def listen_address(settings: Settings, dsn: str) -> str:
    """Return where to listen for hints: past a pooler, where the settings name a way around it."""
    around = settings.database_listen_url
    return dsn if around is None else around.get_secret_value()
