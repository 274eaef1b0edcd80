"""Check what deleted content leaves: in the store, in the quota, and of its texts. The checks are pure, like the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import asyncpg

from chaos.ledger import Verdict
from presswork.core.ids import CONTAINER, public_id
from presswork.media.orphan_sweep import ORPHANS_KEPT, PAGE, SWEEP_EVERY, sweep_orphans
from presswork.media.removals import sweep_removals
from presswork.media.store import MediaStore

_KINDS: Final = ("originals/", "previews/", "logos/", "renditions/")
_LATER: Final = ORPHANS_KEPT + SWEEP_EVERY + timedelta(hours=1)

_KEPT: Final = """
SELECT k.key FROM media_assets a
 CROSS JOIN LATERAL (VALUES (CASE WHEN a.removed_at IS NULL AND a.size_bytes IS NOT NULL THEN a.object_key END),
                            (a.thumbnail_key), (a.poster_key)) AS k(key)
 WHERE k.key IS NOT NULL
UNION SELECT object_key FROM media_renditions
UNION SELECT branding ->> 'logo_key' FROM projects WHERE branding ->> 'logo_key' IS NOT NULL
"""
"""Objects that must be in the store."""

_PASSING: Final = """
SELECT k.key FROM media_assets a CROSS JOIN LATERAL (VALUES (a.object_key), (a.assembly_key)) AS k(key)
 WHERE a.removed_at IS NULL AND k.key IS NOT NULL
UNION SELECT object_key FROM upload_parts
UNION SELECT link::json #>> '{picture,object_key}' FROM content_containers WHERE status <> 'deleted'
"""
"""Objects that may be in the store: those of uploads, and pictures of links."""

_REMOVED: Final = """
SELECT object_key AS key FROM media_assets WHERE removed_at IS NOT NULL UNION SELECT object_key FROM media_removals
"""

_COUNTERS: Final = """
SELECT o.id, coalesce(u.size_bytes, 0) AS counter,
       ((SELECT coalesce(sum(size_bytes), 0) FROM media_assets
          WHERE organization_id = o.id AND size_bytes IS NOT NULL AND removed_at IS NULL)
      + (SELECT coalesce(sum(size_bytes), 0) FROM media_renditions WHERE organization_id = o.id)
      + (SELECT coalesce(sum(a.declared_size_bytes), 0)
           FROM content_containers c JOIN media_assets a ON a.container_id = c.id
          WHERE c.organization_id = o.id AND c.status = 'queued' AND a.size_bytes IS NULL))::bigint AS total
  FROM organizations o LEFT JOIN media_usage u ON u.organization_id = o.id
"""

_DELETED: Final = "SELECT id, erased_at IS NOT NULL AS is_erased FROM content_containers WHERE status = 'deleted'"

_TEXTS: Final = """
SELECT DISTINCT c.id FROM content_containers c LEFT JOIN scheduled_posts p ON p.container_id = c.id
  LEFT JOIN live_changes l ON l.post_id = p.id
 WHERE c.erased_at IS NOT NULL
   AND (c.caption <> '' OR c.first_comment IS NOT NULL OR p.caption_override IS NOT NULL
        OR p.first_comment_override IS NOT NULL OR p.options IS NOT NULL OR l.edit IS NOT NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaState:
    """What is in the store, and what the rows say, after the sweeps."""

    stored: frozenset[str]
    kept: frozenset[str]
    """Objects that must be in the store."""
    passing: frozenset[str] = frozenset()
    """Objects that may be in the store."""
    removed: frozenset[str] = frozenset()
    """Objects that must not be in the store."""
    counters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The bytes that count, and the sum of the rows, by organization."""
    deleted: Mapping[str, bool] = field(default_factory=dict)
    """Deleted content, and whether its texts are erased."""
    with_texts: Sequence[str] = ()
    """Erased content that still has texts."""


async def read_media(pool: "asyncpg.Pool[asyncpg.Record]", store: MediaStore) -> MediaState:
    """Remove what no row names, as maintenance does some days later, and return what is left. No worker runs."""
    later = await pool.fetchval("SELECT now()") + _LATER
    while await sweep_removals(pool, store, later, limit=PAGE):
        pass
    while await sweep_orphans(pool, store, later) == PAGE:
        pass
    stored: list[str] = []
    while page := await store.list_page(after=stored[-1] if stored else "", limit=PAGE):
        stored += [one.key for one in page]

    async def keys(query: str) -> frozenset[str]:
        return frozenset(row["key"] for row in await pool.fetch(query))

    return MediaState(
        stored=frozenset(key for key in stored if key.startswith(_KINDS)),
        kept=await keys(_KEPT),
        passing=await keys(_PASSING),
        removed=await keys(_REMOVED),
        counters={str(row["id"]): (row["counter"], row["total"]) for row in await pool.fetch(_COUNTERS)},
        deleted={public_id(CONTAINER, row["id"]): row["is_erased"] for row in await pool.fetch(_DELETED)},
        with_texts=[public_id(CONTAINER, row["id"]) for row in await pool.fetch(_TEXTS)],
    )


def check_media(verdict: Verdict, deleted: Mapping[str, bool], state: MediaState) -> None:
    """Check the store and the rows against the content that the callers have deleted, and whether its texts were to be erased."""
    for key in sorted(state.stored - state.kept - state.passing - state.removed):
        verdict.add_violation("objects that no row names", key)
    for key in sorted(state.stored & state.removed):
        verdict.add_violation("objects of deleted content in the store", key)
    for key in sorted(state.kept - state.stored):
        verdict.add_violation("objects that are missing in the store", key)
    for organization, (counter, total) in state.counters.items():
        if counter != total:
            verdict.add_violation("counters that differ from the sum of the rows", f"{organization} {counter} {total}")
    for content in sorted(deleted.keys() | state.deleted.keys()):
        if deleted.get(content) != state.deleted.get(content):
            what = f"{content} {deleted.get(content)} {state.deleted.get(content)}"
            verdict.add_violation("deleted content that contradicts the calls", what)
    for content in state.with_texts:
        verdict.add_violation("erased content with texts", content)
