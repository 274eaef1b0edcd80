"""Threads for contract tests: options, and what a viewer sees."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue
from tests.contract.faults import code

from presswork.platforms.port import PostOptions

NOT_FOUND: Final = code(24, 4279009)


def settings(**requested: JsonValue) -> PostOptions:
    """Return `threadsPostSettings` by their names on the wire."""
    return PostOptions({"threadsPostSettings": requested})


def params_of(post: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return what was sent, by the platform's names."""
    params = post["params"]
    assert isinstance(params, dict)
    return params


def media_of(post: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """Return the media that a viewer sees."""
    media = post["media"]
    assert isinstance(media, list)
    return [item for item in media if isinstance(item, dict)]
