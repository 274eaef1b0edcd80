"""Storage of containers and their media."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.callers.model import Principal
from presswork.content.model import (
    ApprovalStatus,
    Asset,
    Container,
    ContainerNotFound,
    Decision,
    Previews,
    ReceivedPart,
    Review,
)
from presswork.content.steps import StepApproval, begin_steps, parse_container_steps, serialize_container_steps
from presswork.core.enums import MediaType
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.media.link_card import LinkCard, parse_card, serialize_card
from presswork.media.model import Probe
from presswork.media.removals import add_removals
from presswork.platforms.parts import parse_parts, serialize_parts
from presswork.posts.parts import PartOutcome, serialize_outcomes
from presswork.projects.review_steps import Reminder

SQL: Final = load("presswork.content")

_PROBE: Final = TypeAdapter(Probe)
_MILLISECOND: Final = timedelta(milliseconds=1)


async def insert_container(
    connection: Connection,
    container: Container,
    *,
    owner: Principal,
    reminder: Reminder | None,
    event_link: str | None = None,
) -> None:
    """Insert a container and its media; media with a probe is verified as of `created_at`.

    `event_link` is what the event stores that it waits for a decision: see content/event_links.py.
    """
    review: dict[str, object] = {
        "is_covered": container.is_covered,
        "event_link": event_link,
        "steps": serialize_container_steps(container.steps),
        "done_steps": container.done_steps if container.steps else None,
    }
    if reminder is not None and container.approval_status is not ApprovalStatus.NOT_REQUIRED:
        review |= {"after_hours": reminder.after_hours, "repeat_hours": reminder.repeat_hours}
    await connection.execute(
        SQL["insert_container"],
        container.id,
        container.project_id,
        owner.organization_id,
        owner.environment.value,
        container.status.value,
        container.approval_status.value,
        container.media_type.value,
        container.caption,
        container.first_comment,
        container.created_at,
        json.dumps(review),
    )
    if container.link is not None:
        await set_link(connection, container.id, container.link)
    if container.parts:
        await set_parts(connection, container)
    if container.labels:
        await set_labels(connection, container.id, container.labels)
    await _insert_assets(connection, container.id, container.media, owner, container.created_at)


async def find_container(connection: "Connection | Pool", container_id: UUID, *, visible_to: Principal) -> Container:
    """Return a container of the caller's organization and environment, with its media. Raises ContainerNotFound."""
    rows = await connection.fetch(
        SQL["find_container"], container_id, visible_to.organization_id, visible_to.environment.value
    )
    if not rows:
        raise ContainerNotFound
    return container_of(rows)


async def find_containers(
    pool: Pool, container_ids: Sequence[UUID], *, visible_to: Principal
) -> Mapping[UUID, Container]:
    """Return containers of the caller's organization and environment by their ids, with their media."""
    rows = await pool.fetch(
        SQL["find_containers"], list(container_ids), visible_to.organization_id, visible_to.environment.value
    )
    return {container_id: container_of(list(group)) for container_id, group in groupby(rows, itemgetter("id"))}


async def lock_container(connection: Connection, container_id: UUID, *, visible_to: Principal) -> Container:
    """Lock a container until the transaction ends, and return it. Raises ContainerNotFound."""
    await connection.execute(
        SQL["lock_container"], container_id, visible_to.organization_id, visible_to.environment.value
    )
    return await find_container(connection, container_id, visible_to=visible_to)


async def complete_container(
    connection: Connection,
    container: Container,
    probes: Sequence[Probe],
    *,
    media_type: MediaType,
    caption: str,
    first_comment: str | None,
    now: datetime,
    event_link: str | None,
) -> None:
    """Store the probe of each file, in order of position, and mark the container as completed."""
    await connection.executemany(
        SQL["verify_asset"],
        [(asset.id, *_probed_values(probe), now) for asset, probe in zip(container.media, probes, strict=True)],
    )
    await connection.execute(
        SQL["complete_container"], container.id, media_type.value, caption, first_comment, now, event_link
    )


async def list_parts(pool: Pool, asset_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[ReceivedPart]]:
    """Return the parts of files that have arrived, by the file, in order."""
    found: dict[UUID, list[ReceivedPart]] = {asset_id: [] for asset_id in asset_ids}
    for row in await pool.fetch(SQL["list_parts"], list(asset_ids)):
        found[row["asset_id"]].append(from_row(ReceivedPart, row, number=row["part_number"]))
    return found


async def set_previews(connection: Connection, previews: Mapping[UUID, Previews]) -> None:
    """Store the keys of new previews, by the ids of the media files."""
    rows = [(asset_id, keys.thumbnail_key, keys.poster_key) for asset_id, keys in previews.items()]
    await connection.executemany(SQL["set_previews"], rows)


async def write_alt_texts(connection: Connection, container_id: UUID, texts: Mapping[UUID, str | None]) -> None:
    """Store the alternative texts of some of a container's media, by their ids; None removes one."""
    rows = [{"id": str(asset_id), "alt_text": text} for asset_id, text in texts.items()]
    await connection.execute(SQL["set_alt_texts"], container_id, json.dumps(rows))


async def edit_container(
    connection: Connection, container_id: UUID, *, caption: str, first_comment: str | None, now: datetime
) -> None:
    """Store a new caption and first comment."""
    await connection.execute(SQL["edit_container"], container_id, caption, first_comment, now)


async def set_labels(connection: Connection, container_id: UUID, labels: Sequence[str]) -> None:
    """Store the labels of a container."""
    await connection.execute(SQL["set_labels"], container_id, list(labels))


async def set_link(connection: Connection, container_id: UUID, link: LinkCard | None) -> None:
    """Store a link; None removes it."""
    await connection.execute(SQL["set_link"], container_id, serialize_card(link))


async def set_parts(connection: Connection, container: Container) -> None:
    """Store the parts of a container; of its posts that wait, each shows as many."""
    await connection.execute(
        SQL["set_parts"], container.id, serialize_parts(container.parts), container.media_type.value
    )
    queued = [PartOutcome(index=index) for index in range(len(container.parts))]
    await connection.execute(SQL["set_parts_of_posts"], container.id, serialize_outcomes(queued))


async def replace_media(
    connection: Connection, container: Container, media: Sequence[Asset], *, owner: Principal, now: datetime
) -> Sequence[str]:
    """Give a locked container these media: new ones, and those of its own that stay. The others are deleted.

    Returns the keys of the objects that no row names any more.
    """
    rows = {row["id"]: row for row in await connection.fetch(SQL["take_assets"], container.id)}
    stay = [
        {**json.loads(rows[asset.id]["asset"]), "position": asset.position, "alt_text": asset.alt_text}
        for asset in media
        if asset.id in rows
    ]
    await connection.execute(SQL["return_assets"], json.dumps(stay))
    await _insert_assets(connection, container.id, [asset for asset in media if asset.id not in rows], owner, now)
    gone = [row for asset_id, row in rows.items() if asset_id not in {asset.id for asset in media}]
    keys = [row[name] for row in gone for name in ("object_key", "thumbnail_key", "poster_key")]
    return [
        *(key for key in keys if key is not None),
        *await take_renditions(connection, container.id, [row["id"] for row in gone]),
    ]


async def take_renditions(
    connection: Connection, container_id: UUID, asset_ids: Sequence[UUID] | None = None
) -> Sequence[str]:
    """Delete the rows of a container's conversions, or of those of some media, and return the keys of their objects."""
    rows = await connection.fetch(SQL["take_renditions"], container_id, None if asset_ids is None else list(asset_ids))
    return [row["object_key"] for row in rows]


async def take_media(
    connection: Connection, container_id: UUID, *, with_previews: bool, now: datetime
) -> Sequence[str]:
    """Take originals and conversions from a container that the caller has locked, and note their objects for removal.

    The media count toward no quota any more. Returns the keys of the objects.
    """
    rows = await connection.fetch(SQL["remove_assets"], container_id, now, with_previews)
    keys = [*(row["key"] for row in rows), *await take_renditions(connection, container_id)]
    await add_removals(connection, keys, now=now)
    return keys


async def _insert_assets(
    connection: Connection, container_id: UUID, media: Sequence[Asset], owner: Principal, now: datetime
) -> None:
    await connection.execute(
        SQL["insert_assets"],
        container_id,
        owner.organization_id,
        owner.environment.value,
        now,
        json.dumps([_asset_row(asset) for asset in media], default=str),
    )


async def raise_revision(connection: Connection, container: Container) -> None:
    """Give a locked container the next revision; `container` is its state before the edit."""
    await connection.execute(SQL["raise_revision"], container.id, _texts_json(container))


async def reopen_container(
    connection: Connection, container: Container, *, now: datetime, event_link: str | None
) -> None:
    """Make a container, which this transaction has locked, pending again, or its approval start again at the first step."""
    steps = serialize_container_steps(begin_steps(container.steps))
    await connection.execute(SQL["reopen_container"], container.id, now, event_link, steps)


async def write_decision(
    connection: Connection,
    container: Container,
    decision: Decision,
    *,
    step: str | None,
    approved_overrides: str | None = None,
    fingerprint: str | None = None,
) -> None:
    """Store a decision on a container that this transaction has locked, and add it to the history."""
    await connection.execute(
        SQL["decide_container"],
        container.id,
        decision.approval_status.value,
        decision.at,
        decision.by,
        decision.note,
        _texts_json(container),
        approved_overrides,
        fingerprint,
        decision.name,
        json.dumps(
            {
                "steps": serialize_container_steps(container.steps),
                "done": container.done_steps if container.steps else None,
                "step": step,
            }
        ),
    )


async def write_step_approval(
    connection: Connection, former: Container, container: Container, approval: StepApproval, note: str | None
) -> None:
    """Store one approval of a step of a container that this transaction has locked, and add it to the history."""
    step = former.current_step
    await connection.execute(
        SQL["approve_step"],
        container.id,
        approval.at,
        approval.by,
        note,
        _texts_json(container),
        approval.name,
        serialize_container_steps(container.steps),
        None if step is None else step.name,
        container.done_steps,
        container.done_steps > former.done_steps,
    )


async def write_changes_request(
    connection: Connection, container: Container, note: str, *, by: str, name: str | None, now: datetime
) -> None:
    """Store what a reviewer wants changed in a container that this transaction has locked."""
    step = None if container.current_step is None else container.current_step.name
    await connection.execute(SQL["request_changes"], container.id, now, by, note, _texts_json(container), name, step)


async def list_reviews(pool: Pool, container_id: UUID, *, limit: int) -> Sequence[Review]:
    """Return the decisions on a container, oldest first; beyond the limit, the latest ones."""
    return [from_row(Review, row) for row in await pool.fetch(SQL["list_reviews"], container_id, limit)]


async def list_reviews_of(pool: Pool, container_ids: Sequence[UUID], *, limit: int) -> Mapping[UUID, Sequence[Review]]:
    """Return the decisions on containers by their ids, oldest first; beyond the limit for each, the latest ones."""
    found: dict[UUID, list[Review]] = {container_id: [] for container_id in container_ids}
    for row in await pool.fetch(SQL["list_reviews_of"], list(container_ids), limit):
        found[row["container_id"]].append(from_row(Review, row))
    return found


def _texts_json(container: Container) -> str:
    return json.dumps(container.texts, ensure_ascii=False)


async def count_pending(connection: "Connection | Pool", project_id: UUID) -> int:
    """Return the number of a project's completed containers that wait for a decision."""
    return int(await connection.fetchval(SQL["count_pending"], project_id))


async def count_decisions(connection: Connection, project_id: UUID, *, limit: int) -> int:
    """Return the number of a project's containers that were approved or rejected, at most `limit`."""
    return int(await connection.fetchval(SQL["count_decisions"], project_id, limit))


def probed_asset(
    asset_id: UUID,
    position: int,
    *,
    object_key: str,
    filename: str | None,
    probe: Probe,
    previews: Previews,
    alt_text: str | None,
) -> Asset:
    """Return the asset of a probed file."""
    return Asset(
        id=asset_id,
        position=position,
        object_key=object_key,
        filename=filename,
        declared_content_type=None,
        declared_size_bytes=None,
        uploaded_bytes=probe.size_bytes,
        content_type=probe.content_type.value,
        sha256=probe.sha256,
        width=probe.width,
        height=probe.height,
        duration=probe.duration,
        video_codec=probe.video_codec,
        audio_codec=probe.audio_codec,
        frame_rate=probe.frame_rate,
        pages=probe.pages,
        probe_json=_probe_json(probe),
        alt_text=alt_text,
        thumbnail_key=previews.thumbnail_key,
        poster_key=previews.poster_key,
    )


def _probed_values(probe: Probe) -> tuple[object, ...]:
    return (
        probe.content_type.value,
        probe.size_bytes,
        probe.sha256,
        probe.width,
        probe.height,
        None if probe.duration is None else probe.duration // _MILLISECOND,
        probe.video_codec,
        probe.audio_codec,
        probe.frame_rate,
        _probe_json(probe),
    )


def _probe_json(probe: Probe) -> str:
    """Serialize a probe in the form that the worker parses."""
    return _PROBE.dump_json(probe).decode()


def _asset_row(asset: Asset) -> dict[str, object]:
    """Return an asset under the names of queries.sql: insert_assets, which ignores further ones."""
    return {
        **asdict(asset),
        "size_bytes": asset.uploaded_bytes,
        "duration_ms": None if asset.duration is None else asset.duration // _MILLISECOND,
        "probe": asset.probe_json,
    }


def container_of(rows: Sequence[asyncpg.Record]) -> Container:
    """Return a container from its rows, one for each media file."""
    media = [_asset(row) for row in rows if row["asset_id"] is not None]
    return from_row(
        Container,
        rows[0],
        media=media,
        decision=_decision(rows[0]),
        link=parse_card(rows[0]["link"]),
        parts=parse_parts(rows[0]["parts"]),
        steps=parse_container_steps(rows[0]["review_steps"]),
    )


def _decision(row: asyncpg.Record) -> Decision | None:
    if row["decided_at"] is None:
        return None
    is_last = row["approval_status"] != ApprovalStatus.PENDING.value  # else the note and name may be of a later request
    return from_row(
        Decision,
        row,
        at=row["decided_at"],
        by=row["decided_by"],
        note=row["decision_note"],
        name=row["reviewer_name"] if is_last else None,
    )


def _asset(row: asyncpg.Record) -> Asset:
    duration = None if row["duration_ms"] is None else row["duration_ms"] * _MILLISECOND
    return from_row(Asset, row, id=row["asset_id"], uploaded_bytes=row["size_bytes"], duration=duration)
