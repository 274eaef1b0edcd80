"""Queued posts of content whose texts are edited: they take the current values of their project."""

import json
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg

from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.media.link_card import parse_card
from presswork.platforms.names import PlatformName
from presswork.platforms.options import PostOptions
from presswork.platforms.parts import parse_parts
from presswork.posts.fill_in import PostTexts, unknown_variables
from presswork.projects.model import FillValues

_SQL: Final = load("presswork.posts")


async def refill_posts(connection: Connection, container_id: UUID) -> None:
    """Store the texts and values of the queued posts of a container that the caller has locked and edited.

    A variable that the project no longer has keeps the value with which its post was created. Raises Invalid for variables
    without a value.
    """
    rows = await connection.fetch(_SQL["posts_to_refill"], container_id)
    fills = {str(row["id"]): _refill(row) for row in rows}
    if fills:
        await connection.execute(_SQL["set_fills"], json.dumps(fills))


def _refill(row: asyncpg.Record) -> str:
    platform = PlatformName(row["platform"])
    texts = PostTexts(
        caption=row["caption"] if row["caption_override"] is None else row["caption_override"],
        first_comment=row["first_comment"] if row["first_comment_override"] is None else row["first_comment_override"],
        parts=parse_parts(row["parts"]),
        link=parse_card(row["link"]),
        options=PostOptions.read(row["options"]).document,
    )
    own, values = FillValues.parse(row["own_fill"]), FillValues.parse(row["fill"])
    if values.variables is not None or own.variables is not None:
        values = replace(values, variables={**(own.variables or {}), **(values.variables or {})})
    if (refusal := unknown_variables(texts.unknown(values, platform))) is not None:
        raise refusal
    return texts.stored_fill(values, platform)
