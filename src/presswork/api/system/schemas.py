"""Request and response bodies of the routes of the installation."""

import ipaddress
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Out, Text, with_examples
from presswork.api.system.platform_schemas import SETUP_EXAMPLE, PlatformSetup
from presswork.apps.model import AppSource
from presswork.apps.public_url import PublicURLInUse, StoredURL
from presswork.core.errors import FieldError
from presswork.core.timestamps import Instant
from presswork.doctor import model
from presswork.doctor.read_system import Storage, System
from presswork.telemetry.queue_metrics import MAX_COUNTED, Backlog

_FINDINGS: Final[list[JsonDict]] = [
    {
        "name": "database",
        "status": "ok",
        "message": "embedded PostgreSQL 18.6 answers; 15 or newer is required",
        "fix": None,
    },
    {
        "name": "public url",
        "status": "fail",
        "message": "https://presswork.example.com/healthz answers 502.",
        "fix": "Check DNS, the certificate and the proxy, and that the API is running.",
    },
]
_MAX_URL: Final = 255
_RUN: Final[JsonDict] = {
    "startedAt": "2026-11-24T18:30:00.000Z",
    "finishedAt": "2026-11-24T18:30:02.000Z",
    "host": "vps1",
    "isWell": False,
    "findings": [*_FINDINGS],
}
_SYSTEM: Final[JsonDict] = {
    "publicUrl": "https://presswork.example.com",
    "publicUrlSetup": {"source": "environment", "stored": None, "storedAt": None, "isRestartNeeded": False},
    "checkedAt": "2026-11-24T18:30:02.000Z",
    "checkedBy": "vps1",
    "isChecking": False,
    "findings": [*_FINDINGS],
    "versions": {"program": "0.9.0", "schema": "20261128140000", "postgresql": "18.6", "python": "3.13.1"},
    "workers": [
        {
            "id": "vps1-4711-a1b2c3",
            "version": "0.9.0",
            "startedAt": "2026-11-24T08:00:00.000Z",
            "seenAt": "2026-11-24T18:30:00.000Z",
            "postsInProgress": 3,
            "concurrency": 500,
        }
    ],
    "lag": {
        "due": 0,
        "oldestDueSeconds": 0.0,
        "lateSeconds": 0.0,
        "dueWithinHour": 12,
        "inProgress": 3,
        "waiting": 1,
        "retrying": 0,
        "blockedOnConfig": 0,
        "followUpsDue": 0,
        "liveChangesDue": 0,
        "textsDue": 0,
        "webhooksPending": 0,
        "oldestWebhookSeconds": 0.0,
        "webhookEndpointsPaused": 0,
        "accountsToReauth": 1,
    },
    "storage": {
        "dataFolder": {"path": "/var/lib/presswork", "freeBytes": 52428800000},
        "media": {
            "kind": "folder",
            "place": "/var/lib/presswork/media",
            "files": 1200,
            "bytes": 7340032000,
            "countedAt": "2026-11-24T18:30:02.000Z",
            "freeBytes": 52428800000,
        },
        "database": {"kind": "embedded", "bytes": 104857600, "connections": 7, "maxConnections": 300},
    },
    "lastBackup": {
        "takenAt": "2026-11-24T03:00:00.000Z",
        "finishedAt": "2026-11-24T03:01:10.000Z",
        "file": "/backups/presswork.zip",
        "host": "vps1",
        "sizeBytes": 7516192768,
        "hasKeys": True,
        "isOld": False,
    },
    "platforms": [SETUP_EXAMPLE],
}


class Finding(Out):
    """What one check found, as `presswork doctor` prints it."""

    model_config = with_examples(*_FINDINGS)

    name: str = Field(description="What was checked. Unique within a run.")
    status: Literal["ok", "warn", "fail"] = Field(
        description="`fail`: something does not work; `warn`: it works, but should be known or fixed."
    )
    message: str = Field(description="What was found.")
    fix: str | None = Field(description="What to do about it; null for `ok`.")

    @classmethod
    def of(cls, finding: model.Finding) -> Self:
        """Convert a finding of the domain."""
        return cls(name=finding.name, status=finding.status.value, message=finding.message, fix=finding.fix)


class SystemChecks(Out):
    """A finished run of the checks."""

    model_config = with_examples(_RUN)

    started_at: Instant
    finished_at: Instant
    host: str = Field(
        description="The machine of the API process that ran them. Checks of folders and clocks are about it."
    )
    is_well: bool = Field(description="Whether no finding has the status `fail`.")
    findings: list[Finding]

    @classmethod
    def of(cls, run: model.CheckRun) -> Self:
        """Convert a run of the domain."""
        return cls(
            started_at=run.started_at,
            finished_at=run.finished_at,
            host=run.host,
            is_well=all(one.status is not model.CheckStatus.FAIL for one in run.findings),
            findings=[Finding.of(one) for one in run.findings],
        )


class SystemVersions(FromDomain):
    """Versions of the API process that answers and of its database."""

    program: str
    schema_: str = Field(alias="schema", description="The newest migration of the database.")
    postgresql: str
    python: str


class WorkerProcess(FromDomain):
    """A worker that has reported in the last 15 seconds. null: it runs a version that does not report the value."""

    id: str = Field(description="Host, process id and random digits.")
    version: str | None
    started_at: Instant
    seen_at: Instant
    posts_in_progress: int | None
    concurrency: int | None = Field(description="Most posts that it processes at once.")


class QueueLag(Out):
    """Size and age of the queue, as in the metrics. Counts stop at 10,000, that of due posts at 20,000."""

    due: int = Field(
        description="Due posts that no worker has claimed, including those behind others of their account."
    )
    oldest_due_seconds: float = Field(description="How long the oldest of them has been due.")
    late_seconds: float = Field(description="How long a post has been waiting only for a worker; 0 if none is.")
    due_within_hour: int
    in_progress: int = Field(description="Posts that a worker has leased.")
    waiting: int = Field(description="Posts that wait for their platform, a limit or a setting.")
    retrying: int
    blocked_on_config: int = Field(description="Posts that wait for a missing setting.")
    follow_ups_due: int
    live_changes_due: int = Field(description="Take-downs and changes of live posts.")
    texts_due: int
    webhooks_pending: int
    oldest_webhook_seconds: float
    webhook_endpoints_paused: int
    accounts_to_reauth: int

    @classmethod
    def of(cls, read: Backlog) -> Self:
        """Convert a reading of the queue."""
        return cls(
            due=min(read.due, 2 * MAX_COUNTED),
            oldest_due_seconds=read.oldest_for.total_seconds(),
            late_seconds=read.late_by.total_seconds(),
            due_within_hour=read.due_within_hour,
            in_progress=read.at_work,
            waiting=read.waiting,
            retrying=read.retrying,
            blocked_on_config=read.blocked_on_config,
            follow_ups_due=read.follow_ups_due,
            live_changes_due=read.live_changes_due,
            texts_due=read.texts_due,
            webhooks_pending=read.webhooks_pending,
            oldest_webhook_seconds=read.oldest_webhook_for.total_seconds(),
            webhook_endpoints_paused=read.webhook_endpoints_paused,
            accounts_to_reauth=read.accounts_to_reauth,
        )


class DataFolder(Out):
    """The data folder of the API process that answers."""

    path: str
    free_bytes: int | None


class MediaStorage(Out):
    """Where media is. Files and bytes were counted by the last run of the checks; null: not yet, or it took too long."""

    kind: str = Field(description="`folder`, or the scheme of a bucket: `s3`, `gs`, `az`.")
    place: str
    files: int | None
    bytes: int | None
    counted_at: Instant | None
    free_bytes: int | None = Field(description="Free space of the folder's disk; null for a bucket.")


class DatabaseStorage(Out):
    """The database."""

    kind: Literal["embedded", "external"]
    bytes: int
    connections: int = Field(description="Connections to the server, also those of other programs.")
    max_connections: int = Field(description="The server's `max_connections`.")


class SystemStorage(Out):
    """Where data is, and how much of it."""

    data_folder: DataFolder
    media: MediaStorage
    database: DatabaseStorage

    @classmethod
    def of(cls, storage: Storage, run: model.CheckRun | None) -> Self:
        """Convert the storage of the domain, with what the last run counted."""
        is_counted = run is not None and run.media_files is not None
        return cls(
            data_folder=DataFolder(path=storage.data_folder, free_bytes=storage.data_folder_free_bytes),
            media=MediaStorage(
                kind=storage.media_kind,
                place=storage.media_place,
                files=run.media_files if run else None,
                bytes=run.media_bytes if run else None,
                counted_at=run.finished_at if run and is_counted else None,
                free_bytes=storage.media_free_bytes,
            ),
            database=DatabaseStorage(
                kind="embedded" if storage.is_embedded else "external",
                bytes=storage.database_bytes,
                connections=storage.connections,
                max_connections=storage.max_connections,
            ),
        )


class LastBackup(Out):
    """The last backup that `presswork backup` has written for this database."""

    taken_at: Instant = Field(description="The instant that the backup is of.")
    finished_at: Instant
    file: str = Field(description="Where it was written, on `host`.")
    host: str
    size_bytes: int
    has_keys: bool = Field(description="Whether it holds the secret key.")
    is_old: bool = Field(description="Whether it is of more than two days ago.")

    @classmethod
    def of(cls, backup: model.Backup, *, is_old: bool) -> Self:
        """Convert a backup of the domain."""
        return cls(
            taken_at=backup.taken_at,
            finished_at=backup.finished_at,
            file=backup.file,
            host=backup.host,
            size_bytes=backup.size_bytes,
            has_keys=backup.has_keys,
            is_old=is_old,
        )


class PublicUrlSetup(Out):
    """Where the public URL comes from."""

    model_config = with_examples(
        {
            "source": None,
            "stored": "https://presswork.example.com",
            "storedAt": "2026-11-24T18:30:00.000Z",
            "isRestartNeeded": True,
        }
    )

    source: AppSource | None = Field(
        description="Where the one in use comes from: the `environment` wins over what is `stored`. null: there is none."
    )
    stored: str | None = Field(description="The one that PUT /v1/system/public-url has stored.")
    stored_at: Instant | None
    is_restart_needed: bool = Field(
        description="Whether processes use another one after their next start, because one was stored or removed since."
    )

    @classmethod
    def of(cls, in_use: PublicURLInUse, stored: StoredURL | None) -> Self:
        """Convert what a process uses, and what is stored."""
        return cls(
            source=in_use.source,
            stored=None if stored is None else stored.url,
            stored_at=None if stored is None else stored.updated_at,
            is_restart_needed=in_use.is_restart_needed(stored),
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _public_https_url(text: str) -> str:
    """Return the URL without a slash at its end. Raises FieldError if no platform would accept it."""
    example = "Send one like https://presswork.example.com."
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise FieldError(f"is not a URL. {example}") from None
    if parts.scheme != "https":
        raise FieldError(f"is not https, which platforms demand. {example}")
    if _is_address(host):
        raise FieldError(f"has an address instead of a host name. {example}")
    if "." not in host or not text.isascii() or not text.isprintable() or " " in text:
        raise FieldError(f"has no host name that the internet knows. {example}")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise FieldError(f"has more than a host name. {example}")
    return f"https://{host}" if port in {None, 443} else f"https://{host}:{port}"


class PublicUrl(In):
    """The URL at which platforms and browsers reach Presswork."""

    model_config = with_examples({"publicUrl": "https://presswork.example.com"})

    public_url: Annotated[Text, Field(max_length=_MAX_URL), AfterValidator(_public_https_url)] = Field(
        description="An https URL with a host name, without a path."
    )


class SystemState(Out):
    """The state of the installation."""

    model_config = with_examples(_SYSTEM)

    public_url: str | None = Field(
        description="Where the internet reaches Presswork: PRESSWORK_PUBLIC_URL, or what PUT /v1/system/public-url has stored. "
        "null: not set, so live projects can't work."
    )
    public_url_setup: PublicUrlSetup
    checked_at: Instant | None = Field(
        description="When the last run of the checks finished; null before the first run. They run once an hour, and by "
        "POST /v1/system/checks."
    )
    checked_by: str | None = Field(description="The machine of the API process that ran them.")
    is_checking: bool = Field(description="Whether the checks run now.")
    findings: list[Finding] = Field(description="The findings of that run, in the order in which they are best fixed.")
    versions: SystemVersions
    workers: list[WorkerProcess]
    lag: QueueLag
    storage: SystemStorage
    last_backup: LastBackup | None = Field(description="null: `presswork backup` has written none.")
    platforms: list[PlatformSetup]

    @classmethod
    def of(cls, system: System) -> Self:
        """Convert the state of the domain."""
        run = system.last_run
        return cls(
            public_url=system.public_url.url,
            public_url_setup=PublicUrlSetup.of(system.public_url, system.stored_public_url),
            checked_at=run.finished_at if run else None,
            checked_by=run.host if run else None,
            is_checking=system.is_checking,
            findings=[Finding.of(one) for one in run.findings] if run else [],
            versions=SystemVersions.model_validate(
                {
                    "program": system.versions.program,
                    "schema": system.versions.schema,
                    "postgresql": system.versions.postgresql,
                    "python": system.versions.python,
                }
            ),
            workers=[WorkerProcess.of(one) for one in system.workers],
            lag=QueueLag.of(system.backlog),
            storage=SystemStorage.of(system.storage, run),
            last_backup=None
            if system.last_backup is None
            else LastBackup.of(system.last_backup, is_old=system.is_backup_old),
            platforms=[PlatformSetup.of(one) for one in system.platforms],
        )


class NoChecks(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})
