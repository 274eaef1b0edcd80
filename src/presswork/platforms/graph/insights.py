"""Numbers behind Graph: metrics of one object by one call, metrics that the API does not have any more, and posts one after the other.

One invalid metric fails the whole call. Then each is asked alone, once, and those that are refused are reported as removed. Metrics that one kind
of post does not have are reported as `<kind>/<metric>`. A metric without data is missing, or has no values: that is no 0.
URLs of further pages contain the access token, so they are never followed.
Sources: Meta, "Media Insights", "Account Insights" (Instagram, 2026-06), "Page Insights", "Insights" (Threads API, 2026-01), read 2026-12; the
messages were seen by other clients (2026).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.graph.client import Graph, GraphError, GraphResponse, items_of, text_of
from presswork.platforms.graph.error_table import PERMISSION
from presswork.platforms.graph.live_posts import OWN, SEE, is_missing
from presswork.platforms.insights import MissingReason, PostNumbers, PostsRead, read_each
from presswork.platforms.json_values import instant_of, number_of, part_of

_PERMISSIONS: Final = frozenset({PERMISSION, *range(200, 300)})
_INVALID: Final = 100
_OF_NO_USE: Final = ("valid insights metric", "must be one of the following values")
"""How messages about a metric end that the API does not have."""
_OF_OTHER_KINDS: Final = "for this media product type"
"""The same about a metric that only other kinds of post have."""
_TOO_FEW: Final = "not enough viewers"
_DAY_START: Final = ZoneInfo("America/Los_Angeles")
"""Days begin at midnight there: series end at 07:00 or 08:00 UTC."""
_HALF_A_DAY: Final = timedelta(hours=12)
_MAX_DAYS: Final = 29
"""The longest range of one call that all platforms behind Graph accept, less one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """What the platform said about one object."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    """By the metrics' names; those without data are missing."""
    refused: MissingReason | None = None
    """Why there are none at all, where the platform said so: `gone` is about the object."""


@dataclass(slots=True, eq=False)
class InsightsReader:
    """The calls of one read of numbers, as one account."""

    graph: Graph
    access: AccountAccess
    _: KW_ONLY
    step: str
    """The operation that reads a post's numbers."""
    removed: AbstractSet[str]
    """Metrics that are not asked."""
    newly_removed: set[str] = field(default_factory=set)
    calls: int = 0

    async def read_fields(self, object_id: str, fields: str, *, step: str) -> JsonObject | None:
        """Return fields of an object, None where it is gone. Raises TryLater, Rejected, CredentialInvalid."""
        response = await self._send(object_id, {"fields": fields}, step=step)
        if isinstance(response, GraphError) and is_missing(response):
            await self._require_access()
            return None
        return self.graph.brand.object_of(response, step=step)

    async def read_metrics(
        self,
        object_id: str,
        metrics: Sequence[str],
        *,
        kind: str = "",
        edge: str = "insights",
        parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> Insights:
        """Return the latest value of each metric of an object; `kind` is that of the post, by the platform's name.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        entries = await self.read_entries(object_id, metrics, kind=kind, edge=edge, parameters=parameters)
        if isinstance(entries, MissingReason):
            return Insights(refused=entries)
        found = {name: value for name, entry in entries.items() if (value := value_of(entry)) is not None}
        return Insights(values=found)

    async def read_entries(
        self,
        object_id: str,
        metrics: Sequence[str],
        *,
        kind: str = "",
        edge: str = "insights",
        parameters: Mapping[str, str] = MappingProxyType({}),
        step: str | None = None,
    ) -> Mapping[str, JsonObject] | MissingReason:
        """Return what an object's metrics consist of, by their names, or why there is none. Raises as `read_metrics`."""
        step = step or self.step
        asked = [metric for metric in metrics if self.reason_of(metric, kind=kind) is None]
        if not asked:
            return {}
        path = f"{object_id}/{edge}"
        response = await self._send(path, {"metric": ",".join(asked), **parameters}, step=step)
        if not _is_invalid_metric(response):
            return await self._read_entries(response, step=step)
        entries: dict[str, JsonObject] = {}
        for metric in asked:
            response = await self._send(path, {"metric": metric, **parameters}, step=step)
            if isinstance(response, GraphError) and _is_invalid_metric(response):
                is_of_others = _OF_OTHER_KINDS in response.message.lower() and kind
                self.newly_removed.add(f"{kind}/{metric}" if is_of_others else metric)
                continue
            found = await self._read_entries(response, step=step)
            if isinstance(found, MissingReason):
                return found
            entries.update(found)
        return entries

    def reason_of(self, metric: str, *, kind: str = "") -> MissingReason | None:
        """Return why a metric is not asked, None where it is."""
        known = {*self.removed, *self.newly_removed}
        if metric in known:
            return MissingReason.GONE
        return MissingReason.NOT_OFFERED if f"{kind}/{metric}" in known else None

    async def read_each(
        self, posts: Sequence[LivePost], read: Callable[[LivePost], Awaitable[PostNumbers]]
    ) -> PostsRead:
        """Return what `read` returns for each post, or its error. Raises TryLater, CredentialInvalid."""
        found = await read_each(posts, read)
        return PostsRead(posts=found, removed=frozenset(self.newly_removed), calls=self.calls)

    async def _read_entries(self, response: GraphResponse, *, step: str) -> Mapping[str, JsonObject] | MissingReason:
        if isinstance(response, GraphError) and response.status < 500:
            if is_missing(response):
                await self._require_access()
                return MissingReason.GONE
            if response.code in _PERMISSIONS:
                return MissingReason.TOO_FEW if _TOO_FEW in response.message.lower() else MissingReason.NOT_GRANTED
        body = self.graph.brand.object_of(response, step=step)
        return {name: entry for entry in items_of(body) if (name := text_of(entry.get("name"))) is not None}

    async def _require_access(self) -> None:
        """Raise where the account's access is not accepted: then a missing object proves nothing."""
        self.calls += 1
        await self.graph.read(self.access, OWN, {"fields": "id"}, step=SEE)

    async def _send(self, path: str, parameters: Mapping[str, str], *, step: str) -> GraphResponse:
        self.calls += 1
        return await self.graph.send(self.access, "GET", path, parameters, step=step)


def _is_invalid_metric(response: GraphResponse) -> bool:
    if not isinstance(response, GraphError) or response.code != _INVALID or response.status >= 500:
        return False
    return any(words in response.message.lower() for words in (*_OF_NO_USE, _OF_OTHER_KINDS))


def value_of(entry: JsonObject) -> JsonValue:
    """Return the value of a metric: of a series, the last; None where it has none."""
    values = entry.get("values")
    last = values[-1] if isinstance(values, list) and values else entry.get("total_value")
    return last.get("value") if isinstance(last, dict) else None


def series_of(entry: JsonObject | None) -> Mapping[date, int]:
    """Return the values of a series by their days: each ends at the midnight after its day."""
    values = (entry or {}).get("values")
    found: dict[date, int] = {}
    for point in values if isinstance(values, list) else ():
        if not isinstance(point, dict):
            continue
        ends_at, value = instant_of(point.get("end_time")), number_of(point.get("value"))
        if ends_at is not None and value is not None:
            found[(ends_at.astimezone(UTC) - _HALF_A_DAY).date()] = value
    return found


def range_of(first: date, last: date) -> Mapping[str, str]:
    """Return the parameters for the days from `first` to `last`, as whole days of the platform."""
    return {"since": str(_start_of(first)), "until": str(_start_of(last + timedelta(days=1)) - 1)}


def closed_days(since: date, now: datetime, *, max_days: int = _MAX_DAYS) -> Sequence[date]:
    """Return the days from `since` on that are over where days begin at midnight on the Pacific coast; the last ones, at most so many."""
    last = now.astimezone(_DAY_START).date() - timedelta(days=1)
    first = max(since, last - timedelta(days=max_days - 1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _start_of(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=_DAY_START).timestamp())


def total_of(body: JsonObject, name: str) -> int | None:
    """Return the count in the summary of an edge; None where it has none."""
    return number_of(part_of(body, name, "summary").get("total_count"))
