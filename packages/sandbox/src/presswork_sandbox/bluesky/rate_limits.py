"""Bluesky's limits: windows that begin with their first call, and points that a call costs.

Source: bluesky-social/atproto, packages/xrpc-server/src/rate-limiter.ts and packages/pds (limits of each method), read
2026-11. The limit of 3000 requests in 5 minutes per IP address is not imposed: all callers of a sandbox may share one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.bluesky.errors import XRPCError
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox

MINUTE: Final = 60.0
WRITES: Final = ("repo-write-hour", "repo-write-day")
UPLOADS: Final = ("blob-upload-day",)
SESSIONS: Final = ("create-session-day", "create-session-5min")
LIMITS: Final[Mapping[str, tuple[int, float]]] = {
    "repo-write-hour": (5000, HOUR),
    "repo-write-day": (35_000, DAY),
    "blob-upload-day": (1000, DAY),
    "create-session-day": (300, DAY),
    "create-session-5min": (30, 5 * MINUTE),
}
"""Points, and the length of the window in seconds."""
CREATE_POINTS: Final = 3
UPDATE_POINTS: Final = 2
DELETE_POINTS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    name: str
    used: int
    resets_at: float

    @property
    def remaining(self) -> int:
        return max(0, LIMITS[self.name][0] - self.used)

    @property
    def is_over(self) -> bool:
        return self.used > LIMITS[self.name][0]

    def headers(self) -> Mapping[str, str]:
        points, seconds = LIMITS[self.name]
        return {
            "RateLimit-Limit": str(points),
            "RateLimit-Reset": str(int(self.resets_at)),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Policy": f"{points};w={int(seconds)}",
        }


def consume(sandbox: Sandbox, names: Sequence[str], key: str, points: int = 1) -> Mapping[str, str]:
    """Count a call against the limits of a key, and return the headers of the tightest one.

    Raises XRPCError with RateLimitExceeded; the points of a refused call count, too.
    """
    with sandbox.store.transaction():
        windows = [_count(sandbox, name, key, points) for name in names]
    over = next((window for window in windows if window.is_over), None)
    if over is not None:
        raise XRPCError("RateLimitExceeded", "Rate Limit Exceeded", headers=over.headers())
    return min(windows, key=lambda window: window.remaining).headers()


def _count(sandbox: Sandbox, name: str, key: str, points: int) -> _Window:
    store, now, seconds = sandbox.store, sandbox.clock.now(), LIMITS[name][1]
    store.run("DELETE FROM bluesky_windows WHERE name = ? AND key = ? AND resets_at <= ?", name, key, now)
    store.run(
        "INSERT INTO bluesky_windows VALUES (?, ?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET used = used + excluded.used",
        name,
        key,
        points,
        now + seconds,
    )
    row = store.one("SELECT used, resets_at FROM bluesky_windows WHERE name = ? AND key = ?", name, key)
    return _Window(name=name, used=row["used"], resets_at=row["resets_at"])
