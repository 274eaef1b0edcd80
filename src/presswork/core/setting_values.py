"""Every setting but those of platforms, typed and bounded: `PRESSWORK_*` in the environment or a `.env` file, or a flag.

`platforms/settings.py` adds what the descriptions of platforms declare.
"""

from datetime import timedelta
from typing import Final, Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from presswork.core.sandbox_package import is_sandbox_installed
from presswork.core.setting_types import (
    DatabaseUrl,
    Duration,
    Email,
    Folder,
    Hosts,
    HttpUrl,
    OperatorName,
    RoleMap,
    SandboxToken,
    SecretKeys,
    SmtpUrl,
)

PREFIX: Final = "PRESSWORK_"
OTHER_VARIABLES: Final = frozenset(
    {
        "PRESSWORK_API_KEY",  # the client commands and the SDKs
        "PRESSWORK_BASE_URL",
        "PRESSWORK_LOGIN_FILE",
        "PRESSWORK_LOG",
        "PRESSWORK_PUBLISHED_PORT",  # deploy/compose
    }
)
"""Variables with the prefix that are read by others than the server."""

LIVE_CALL_TIMEOUT: Final = timedelta(seconds=30)
"""Longest request to a real platform, uploads apart."""
LIVE_CALL_SETTLES_WITHIN: Final = timedelta(seconds=30)
"""How long a real platform may keep working on a request after Presswork stopped waiting for its response."""
LIVE_PROCESSING_LIMIT: Final = timedelta(minutes=60)
"""How long a real platform may process a post, and so fetch its media."""
TEST_CALL_TIMEOUT: Final = timedelta(seconds=10)
"""Longest request to the sandbox, uploads apart."""


class InstallationSettings(BaseSettings):
    """Where the service and its data are: what the settings of platforms build on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _turn_the_sandbox_off(cls, values: dict[str, object]) -> dict[str, object]:
        """Turn the sandbox off where others can reach the API or it is not installed, unless it was turned on."""
        is_private = not values.get("public_url")
        return (
            values if "sandbox" in values or (is_private and is_sandbox_installed()) else {**values, "sandbox": False}
        )

    # Locations and addresses
    data_dir: Folder = Field(
        default_factory=lambda: user_data_path("presswork", appauthor=False),
        description="Folder for the embedded database, local media, the sandbox's state and the generated secret key.",
    )
    database_url: DatabaseUrl | None = Field(
        default=None,
        description="PostgreSQL 15 or newer, as postgresql://user:password@host:port/name. List several hosts (host1,host2) if a standby can take over. Unset: the embedded server in the data folder.",
    )
    database_listen_url: DatabaseUrl | None = Field(
        default=None,
        description="URL of the same database that bypasses a connection pooler such as PgBouncer, for LISTEN. Unset: database_url.",
    )
    media_store: str | None = Field(
        default=None,
        description="Where media is stored: a folder, or a bucket as s3://…, gs://… or az://…. Unset: the folder media in the data folder.",
    )
    public_url: HttpUrl | None = Field(
        default=None,
        description="URL at which platforms and browsers reach the API, like https://presswork.example.com. Required for live projects. Unset: the one that was set in the console, or the address that the API listens on.",
    )
    docs_url: HttpUrl | None = Field(
        default=None,
        description="URL of a copy of the documentation site, like https://docs.example.com: the docUrl of errors leads to its page of the code. Unset: to the page that the API itself serves at /errors/CODE.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address that the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the API listens on; 0 picks a free one.")
    allowed_hosts: Hosts | None = Field(
        default=None,
        description="Comma-separated host names at which clients reach the API besides that of public_url, like api.internal. Loopback names and the address of a connection are always allowed.",
    )
    api_processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Number of API processes that `presswork up` and `presswork api` run on their port: one uses one CPU core.",
    )
    max_connections: int = Field(
        default=2000, ge=10, le=100_000, description="Maximum number of client connections of one API process."
    )
    max_connections_per_address: int = Field(
        default=200,
        ge=2,
        le=100_000,
        description="Maximum number of those from one address, or from one /64 network of IPv6. Loopback addresses are not limited. Raise it to max_connections behind a proxy on another machine.",
    )
    max_event_streams: int = Field(
        default=1500, ge=1, le=100_000, description="Maximum number of event streams of one API process."
    )
    max_event_streams_per_organization: int = Field(
        default=1000, ge=1, le=100_000, description="Maximum number of those of one organization."
    )

    # Secrets
    secret_keys: SecretKeys | None = Field(
        default=None,
        description="Comma-separated secret keys (32 random bytes each, base64url) that encrypt tokens and sign URLs. The first is the primary key; the others only decrypt and verify. Unset: a key is generated in the data folder.",
    )

    check_shared: bool = Field(
        default=True,
        description="Whether the API and the worker refuse to start if they can decrypt none of the newest tokens or find none of the newest media, which means that this machine has other keys or another media store than the rest. Turn it off only if the keys or the media are permanently lost.",
    )

    # Sandbox
    sandbox: bool = Field(
        default=True,
        description="Whether the API serves the sandbox under /sandbox, for test projects. Unset: only while public_url is unset, and the sandbox is installed.",
    )
    sandbox_url: HttpUrl | None = Field(
        default=None,
        description="URL of a sandbox that runs as a separate process, like http://sandbox:8001/sandbox. Unset: the sandbox that the API serves.",
    )

    sandbox_token: SandboxToken | None = Field(
        default=None,
        description="Token that a sandbox needs which other machines can reach, at least 32 letters, digits or - . _ ~. The API, workers and the sandbox need the same. Unset: derived from the secret keys; `presswork up` prints it.",
    )


class CoreSettingValues(InstallationSettings):
    """The settings with their types and bounds, before they are checked against each other, without those of platforms."""

    # People: sign-in with OpenID Connect, and invitations by e-mail
    oidc_issuer: HttpUrl | None = Field(
        default=None,
        description="Issuer of OpenID Connect that people sign in with, like https://accounts.google.com. Its /.well-known/openid-configuration says the rest. Unset: people sign in with a password only.",
    )
    oidc_client_id: str | None = Field(default=None, description="Client ID at the issuer.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Client secret at the issuer. Unset: a public client, which PKCE alone protects."
    )
    oidc_scopes: str = Field(
        default="openid email profile",
        pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$",
        description="Scopes to request from the issuer. Some issuers send groups only with a scope of their own.",
    )
    oidc_allowed_domains: Hosts | None = Field(
        default=None,
        description="Comma-separated e-mail domains whose people sign in without an invitation, as viewers, like example.com.",
    )
    oidc_role_map: RoleMap | None = Field(
        default=None,
        description="Which role people of a group have, as group=role pairs separated by commas or as a JSON object, like press-admins=admin,press-editors=publisher. They need no invitation, and the role follows the groups at each sign-in. Groups of SCIM use it too.",
    )
    oidc_groups_claim: str = Field(
        default="groups", min_length=1, description="Claim of the issuer that lists a person's groups."
    )
    oidc_verified_claim: str = Field(
        default="email_verified",
        min_length=1,
        description="Claim of the issuer that says that the e-mail address was verified. Microsoft Entra: xms_edov.",
    )
    smtp_url: SmtpUrl | None = Field(
        default=None,
        description="Mail server that sends invitations and notices: smtps://user:password@host:465, or smtp://user:password@host:587, which requires STARTTLS; smtp+plain:// sends unencrypted, for a server on this machine. Unset: administrators pass the links on, and people have their notices in the console only.",
    )
    smtp_from: str | None = Field(
        default=None,
        description="Sender of these e-mails, like Presswork <presswork@example.com>. Required with smtp_url.",
    )

    # Legal pages
    operator_name: OperatorName | None = Field(
        default=None,
        description="Person or company that runs this service, for the pages at /legal, which the review of an app asks for. Required with contact_email.",
    )
    contact_email: Email | None = Field(
        default=None, description="E-mail address for questions and requests about personal data, shown on those pages."
    )

    # Behaviour
    republish_after_live: Duration = Field(
        default=timedelta(seconds=120),
        ge=timedelta(seconds=10),
        le=timedelta(minutes=30),
        description="Live projects: after a lost response, how long the platform must keep reporting a post as not live before the call is repeated. Must be at least worker_lease plus 60 seconds.",
    )
    republish_after_test: Duration = Field(
        default=timedelta(seconds=2),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="Test projects: the same as republish_after_live.",
    )
    managed_deadline_live: Duration = Field(
        default=timedelta(hours=72),
        ge=timedelta(minutes=10),
        le=timedelta(days=14),
        description="Live projects: how long a managed provider has to start publishing a post. The media URLs that it receives stay valid for one more day.",
    )
    managed_deadline_test: Duration = Field(
        default=timedelta(seconds=120),
        ge=timedelta(seconds=15),
        le=timedelta(days=1),
        description="Test projects: the same as managed_deadline_live.",
    )
    worker_concurrency: int = Field(
        default=500, ge=1, le=10_000, description="Maximum number of posts that one worker processes at once."
    )
    worker_lease: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=3),
        le=timedelta(minutes=10),
        description="How long a worker holds the lease of a post without renewing it. After that, another worker takes the post over.",
    )
    media_processes: int = Field(
        default=2, ge=1, le=64, description="Number of child processes that probe and convert media."
    )
    media_quota_bytes: int = Field(
        default=100 * 1024**3,
        ge=1024**3,
        le=1024**5,
        description="Most bytes that the stored media and the promised uploads of one organization may take together. At least max_video_bytes.",
    )
    max_video_bytes: int = Field(
        default=1024**3,
        ge=1024**2,
        le=10 * 1024**3,
        description="Largest video that is accepted, in bytes, uploaded or fetched. What a platform accepts may be less. The API and its workers need the same.",
    )
    media_url_lifetime: Duration = Field(
        default=timedelta(hours=6),
        ge=LIVE_PROCESSING_LIMIT,
        le=timedelta(days=7),
        description="How long a signed media URL is valid.",
    )
    upload_url_lifetime: Duration = Field(
        default=timedelta(hours=24),
        ge=timedelta(minutes=1),
        le=timedelta(hours=24),
        description="How long a signed upload URL is valid. With less than 24 hours, the life of an idempotency key, a call that is repeated with its key can get expired URLs. Uploads that have not arrived after 24 hours are canceled.",
    )
    allow_private_media: bool = Field(
        default=False,
        description="Whether content/upload may fetch media from private and loopback addresses. For development only.",
    )
    webhook_concurrency: int = Field(
        default=100,
        ge=2,
        le=1_000,
        description="Maximum number of webhook endpoints that one worker delivers to at once, over at most four connections each. At most half of them are endpoints whose last delivery failed.",
    )
    allow_private_webhooks: bool = Field(
        default=False,
        description="Whether webhook endpoints may have private or loopback addresses and plain http URLs. For development, or if all holders of API keys are trusted.",
    )

    inbound_webhook_rate: int = Field(
        default=600,
        ge=10,
        le=1_000_000,
        description="Calls per minute that one API process accepts from one address at /webhooks, where platforms send their webhooks without a key. More are refused with 429.",
    )

    # Retention
    keep_media: Duration | None = Field(
        default=None,
        ge=timedelta(days=30),
        le=timedelta(days=3650),
        description="How long the media of content is kept after the last change of its last post, once all its posts have ended, like P180D: originals and their conversions; previews stay. Content that was never posted keeps its media. Unset: for ever.",
    )
    keep_timelines: Duration | None = Field(
        default=None,
        ge=timedelta(days=30),
        le=timedelta(days=3650),
        description="How long the timeline of a post is kept after its last change, once the post has ended, like P365D. Unset: for ever. The post itself is always kept.",
    )
    keep_comments: Duration | None = Field(
        default=None,
        ge=timedelta(days=30),
        le=timedelta(days=3650),
        description="How long comments on live posts, and replies to them, are kept after they were written, like P400D. Unset: for ever. On their platforms they stay.",
    )
    keep_webhook_deliveries: Duration = Field(
        default=timedelta(days=30),
        ge=timedelta(days=8),
        le=timedelta(days=3650),
        description="How long the log of webhook deliveries is kept, like P30D.",
    )
    keep_audit_log: Duration | None = Field(
        default=None,
        ge=timedelta(days=30),
        le=timedelta(days=3650),
        description="How long entries of the audit log are kept, like P730D. Unset: for ever. Workers delete older ones if their database role may; otherwise `presswork audit prune` has to run as the owner of the tables.",
    )

    keep_insights: Duration = Field(
        default=timedelta(days=400),
        ge=timedelta(days=30),
        le=timedelta(days=3650),
        description="How long the numbers of posts and accounts are kept after they were taken, like P400D. Those of posts are dropped by whole months.",
    )

    # Logs
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="Log format: json, text, or auto (text on a terminal, json otherwise)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lowest severity that is logged."
    )

    # Monitoring
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token that a scraper sends to /metrics. Unset: requires an API key with metrics:read, or a request from this machine if public_url is unset.",
    )
    worker_metrics_host: str = Field(
        default="127.0.0.1", min_length=1, description="Address on which workers serve their metrics."
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port on which a worker serves its metrics; 0 picks a free one. Unset: `presswork up` picks a free one, other workers serve none.",
    )
    otel_endpoint: HttpUrl | None = Field(
        default=None,
        validation_alias=AliasChoices("PRESSWORK_OTEL_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Base URL of an OpenTelemetry collector (OTLP over HTTP), like http://127.0.0.1:4318. OTEL_EXPORTER_OTLP_ENDPOINT is accepted too. Unset: no traces.",
    )
    ready_late_after: Duration = Field(
        default=timedelta(minutes=2),
        ge=timedelta(seconds=5),
        le=timedelta(days=1),
        description="How long a due post may wait for a worker before /readyz reports that the service is not ready.",
    )

    @property
    def serves_sandbox(self) -> bool:
        """Whether the API serves the sandbox, and no other process."""
        return self.sandbox and self.sandbox_url is None
