"""The quotas of a Google Cloud project, which begin again at midnight in California.

Source: Google, "Determine quota cost" and "Quota and compliance audits", copies of 2026-09-11: `videos.insert` has a bucket of
100 calls a day, since June 2026 `videos.batchGetStats` one of 10,000; everything else shares 10,000 units. A call that fails costs at least one unit.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from presswork_sandbox.control_input import BadControl, known_keys, whole_number, yes_or_no
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.errors import YouTubeRefusal

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
UPLOADS: Final = "uploads"
UNITS: Final = "units"
BATCH_STATS: Final = "batch_stats"
PER_DAY: Final[Mapping[str, int]] = {UPLOADS: 100, UNITS: 10_000, BATCH_STATS: 10_000}
BUCKETS: Final = {"videos_insert": UPLOADS, "videos_batch_get_stats": BATCH_STATS}
"""Of the operations that have one of their own; all others share UNITS."""
LIMITS: Final = {UPLOADS: "uploadsPerDay", UNITS: "unitsPerDay", BATCH_STATS: "batchStatsPerDay"}
"""The names of the settings."""
COSTS: Final[Mapping[str, int]] = {
    "videos_update": 50,
    "videos_delete": 50,
    "thumbnails_set": 50,
    "comment_threads_insert": 50,
    "comments_insert": 50,
    "comments_update": 50,
    "comments_delete": 50,
    "comments_set_moderation_status": 50,
    "playlists_insert": 50,
    "playlist_items_insert": 50,
    "playlist_items_delete": 50,
    "captions_insert": 400,
    "captions_list": 50,
    "captions_delete": 50,
}
"""Units of an operation; every other one costs 1."""
FREE: Final = frozenset({"userinfo", "tokeninfo", "upload", "analytics_reports"})
SETTINGS: Final = "youtube"
MIN_KEPT_BYTES: Final = 256 * 1024
DEFAULTS: Final[Mapping[str, JSONValue]] = {
    "publishingStatus": "production",
    "uploadsPerDay": PER_DAY[UPLOADS],
    "unitsPerDay": PER_DAY[UNITS],
    "batchStatsPerDay": PER_DAY[BATCH_STATS],
    "analyticsEnabled": True,
    "keptBytes": None,
}
"""Of every project: the publishing status of its OAuth app, its quotas, whether the Analytics API is enabled, and how much of a
chunk the upload server keeps."""


def project_of(client_id: str) -> str:
    """Return the project of an OAuth client: the number that its id begins with, or the id where it has another form."""
    number, dash, _ = client_id.partition("-")
    return number if dash and number.isdigit() else client_id


def pacific_day(now: float) -> str:
    """Return the date in California at an instant, as 2026-11-28."""
    return datetime.fromtimestamp(now, UTC).astimezone(PACIFIC).date().isoformat()


class Projects:
    """What is set for all Google Cloud projects, and what each of them has used today."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def to_json(self) -> dict[str, JSONValue]:
        """Return the settings as the control surface shows them."""
        return {**DEFAULTS, **self._sandbox.platform_settings.get(SETTINGS)}

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names; null is the default. Raises BadControl."""
        known_keys(body, list(DEFAULTS))
        changes = {name: DEFAULTS[name] if value is None else value for name, value in body.items()}
        if changes.get("publishingStatus", "production") not in {"testing", "production"}:
            raise BadControl("publishingStatus must be testing or production.")
        yes_or_no(changes, "analyticsEnabled", default=True)
        for name in LIMITS.values():
            if whole_number(changes, name, 0) < 0:
                raise BadControl(f"{name} must be 0 or more.")
        if changes.get("keptBytes") is not None and whole_number(changes, "keptBytes", 0) < MIN_KEPT_BYTES:
            raise BadControl(f"keptBytes must be {MIN_KEPT_BYTES} or more, or null for whole chunks.")
        self._sandbox.platform_settings.put(SETTINGS, {**self.to_json(), **changes})

    @property
    def is_testing(self) -> bool:
        """Whether the OAuth apps are in testing, where refresh tokens last seven days."""
        return self.to_json()["publishingStatus"] == "testing"

    @property
    def has_analytics(self) -> bool:
        """Whether the Analytics API is enabled."""
        return self.to_json()["analyticsEnabled"] is True

    @property
    def kept_bytes(self) -> int | None:
        """How many bytes of a chunk are kept at most, None for all of them."""
        kept = self.to_json()["keptBytes"]
        return kept if isinstance(kept, int) else None

    def charge(self, client_id: str, operation: str) -> None:
        """Count a call. Raises YouTubeRefusal with quotaExceeded where the project has too little left for it."""
        if operation in FREE:
            return
        bucket = BUCKETS.get(operation, UNITS)
        max_units = self.to_json()[LIMITS[bucket]]
        cost, store, project = COSTS.get(operation, 1), self._sandbox.store, project_of(client_id)
        day = pacific_day(self._sandbox.clock.now())
        with store.transaction():
            store.run("DELETE FROM youtube_usage WHERE day < ?", day)
            used = self.used(client_id)[bucket]
            if used + cost > (max_units if isinstance(max_units, int) else PER_DAY[bucket]):
                raise YouTubeRefusal("quotaExceeded")
            store.run(
                "INSERT INTO youtube_usage VALUES (?, ?, ?, ?)"
                " ON CONFLICT (project, day, bucket) DO UPDATE SET used = used + excluded.used",
                project,
                day,
                bucket,
                cost,
            )

    def used(self, client_id: str) -> dict[str, int]:
        """Return what the project of a client has used today, by bucket."""
        sql = "SELECT bucket, used FROM youtube_usage WHERE project = ? AND day = ? ORDER BY bucket"
        rows = self._sandbox.store.all(sql, project_of(client_id), pacific_day(self._sandbox.clock.now()))
        return dict.fromkeys(PER_DAY, 0) | {row["bucket"]: row["used"] for row in rows}
