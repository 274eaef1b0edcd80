"""Probing for several organizations: each file is probed in the turn of the organization that sent it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from presswork.media.model import Probe
from presswork.media.pool import MediaPool


@pytest.fixture
def owners(monkeypatch: pytest.MonkeyPatch) -> list[UUID | None]:
    """Note for whom files are probed; the pool does its work as usual."""
    noted: list[UUID | None] = []
    probe = MediaPool.probe

    async def noting(pool: MediaPool, path: Path, *, owner: UUID | None = None) -> Probe:
        noted.append(owner)
        return await probe(pool, path, owner=owner)

    monkeypatch.setattr(MediaPool, "probe", noting)
    return noted


async def test_files_are_probed_for_their_organization(
    content_client: Any, files: Any, picture: bytes, owners: list[UUID | None]
) -> None:
    """By URL and by upload, the pool knows whose file it reads."""
    organization = await content_client.api.context.pool.fetchval(
        "SELECT organization_id FROM projects ORDER BY id DESC LIMIT 1"
    )
    assert (await content_client.upload(files.put("bread.jpg", picture))).status_code == 201
    item = await content_client.expect(("bread.jpg", "image/jpeg", picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    assert (await content_client.finalize(item["containerId"])).status_code == 200
    assert owners == [organization] * 2
