"""Faults: what goes wrong on purpose. Set through the control surface, kept in the state, counted per matching call."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue

OPERATIONS: Final[Mapping[str, Sequence[str]]] = {
    **{name: facts.operations for name, facts in PLATFORMS.items()},
    "sms": ("messages", "message_status", "messages_list"),
    "provider": ("dispatch", "dispatch_status", "dispatch_cancel", "identity"),
}
LATE_EFFECT: Final = "late_effect"
FAULTS: Final = (
    "latency",
    "http_500",
    "html_502",
    "malformed_json",
    "drop_before_effect",
    "drop_after_effect",
    LATE_EFFECT,
    "platform_error",
    "token_expired",
    "stuck_processing",
    "media_error",
)
# Faults that belong to a container or publish job can be set where one is made and where one is asked about.
ON_JOBS: Final = ("stuck_processing", "media_error")
JOB_OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    **{name: facts.job_operations for name, facts in PLATFORMS.items()},
    "sms": frozenset({"messages", "message_status"}),
    "provider": frozenset({"dispatch", "dispatch_status"}),
}


# Operations whose calls carry no token that could be expired.
TOKENLESS_OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    **{name: facts.tokenless_operations for name, facts in PLATFORMS.items()},
    "sms": frozenset(OPERATIONS["sms"]),
    "provider": frozenset(OPERATIONS["provider"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that is set."""

    id: int
    platform: str
    operation: str
    handle: str | None
    kind: str
    remaining: int
    skip: int
    value: Mapping[str, JSONValue]
    fired: int

    def to_json(self) -> dict[str, JSONValue]:
        """Return it as the control surface shows it."""
        return {
            "id": self.id,
            "platform": self.platform,
            "operation": self.operation,
            "handle": self.handle,
            "fault": self.kind,
            "times": self.remaining,
            "skip": self.skip,
            "value": self.value,
            "fired": self.fired,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggeredFaults:
    """The faults that apply to one call: a delay, and at most one other fault."""

    latency_ms: float = 0.0
    fault: Fault | None = None

    @property
    def name(self) -> str | None:
        """The name in the journal."""
        if self.fault is not None:
            return self.fault.kind
        return "latency" if self.latency_ms else None


NOTHING: Final = TriggeredFaults()


class Faults:
    """The faults that are set, in the order they were set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        *,
        platform: str,
        operation: str,
        handle: str | None,
        kind: str,
        times: int,
        skip: int,
        value: Mapping[str, JSONValue],
        now: float,
    ) -> Fault:
        """Set one more fault."""
        number = self._store.insert(
            "faults",
            platform=platform,
            operation=operation,
            handle=handle,
            fault=kind,
            remaining=times,
            skip=skip,
            value=json.dumps(value),
            created_at=now,
        )
        return self.listed(None, None, number)[0]

    def listed(self, platform: str | None, handle: str | None, number: int | None = None) -> list[Fault]:
        """Return the faults that are still set, oldest first."""
        rows = self._store.all(
            "SELECT * FROM faults WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR handle = ?2)"
            " AND (?3 IS NULL OR id = ?3) ORDER BY id",
            platform,
            handle,
            number,
        )
        return [
            Fault(
                id=row["id"],
                platform=row["platform"],
                operation=row["operation"],
                handle=row["handle"],
                kind=row["fault"],
                remaining=row["remaining"],
                skip=row["skip"],
                value=json.loads(row["value"]),
                fired=row["fired"],
            )
            for row in rows
        ]

    def clear(self, platform: str | None, operation: str | None, handle: str | None, number: int | None) -> int:
        """Delete faults and return how many; jobs that a stuck_processing fault held continue."""
        return self._store.run(
            "DELETE FROM faults WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR operation = ?2)"
            " AND (?3 IS NULL OR handle = ?3) AND (?4 IS NULL OR id = ?4)",
            platform,
            operation,
            handle,
            number,
        )

    def is_set(self, kind: str) -> bool:
        """Return whether a fault of a kind is set for any call."""
        return self._store.first("SELECT 1 FROM faults WHERE fault = ?", kind) is not None

    def holds(self, number: int | None) -> bool:
        """Return whether a stuck_processing fault is still set."""
        return number is not None and self._store.first("SELECT 1 FROM faults WHERE id = ?", number) is not None

    def trigger(
        self, platform: str, operation: str, handle: str | None, held_by: int | None, *, can_be_late: bool
    ) -> TriggeredFaults:
        """Count one call against the faults that match it and return those that apply.

        Every matching fault counts its skip down; the first one with none left applies and ends the search,
        except for latency, which is combined with the next one. `held_by` is the stuck_processing fault
        that already holds the job in question: it counts jobs, so it does not count this one again. A late_effect fault
        that was set after the call had arrived does not match it (`can_be_late`): its body was not recorded.
        """
        if self._store.first("SELECT 1 FROM faults WHERE platform = ? AND operation = ?", platform, operation) is None:
            return NOTHING
        latency_ms = 0.0
        hit: Fault | None = None
        with self._store.transaction():
            for fault in self.listed(platform, None):
                if fault.operation != operation or fault.remaining == 0 or fault.id == held_by:
                    continue
                if fault.kind == LATE_EFFECT and not can_be_late:
                    continue
                if fault.handle is not None and fault.handle.lower() != (handle or "").lower():
                    continue
                if fault.skip:
                    self._store.run("UPDATE faults SET skip = skip - 1 WHERE id = ?", fault.id)
                    continue
                self._count_down(fault)
                if fault.kind != "latency":
                    hit = fault
                    break
                milliseconds = fault.value["ms"]
                latency_ms += milliseconds if isinstance(milliseconds, int | float) else 0.0
        return TriggeredFaults(latency_ms=latency_ms, fault=hit)

    def _count_down(self, fault: Fault) -> None:
        if fault.remaining == 1 and fault.kind != "stuck_processing":
            self._store.run("DELETE FROM faults WHERE id = ?", fault.id)
            return
        # A spent stuck_processing stays until it is cleared: its jobs are held for as long as it is there.
        left = fault.remaining if fault.remaining < 0 else fault.remaining - 1
        self._store.run("UPDATE faults SET remaining = ?, fired = fired + 1 WHERE id = ?", left, fault.id)
