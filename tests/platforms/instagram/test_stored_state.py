"""The state of a post outlives the process, and the version, that stored it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob

from presswork.platforms.graph.client import GraphError
from presswork.platforms.graph.containers import Container, ContainerStore, Publication
from presswork.platforms.port import MediaType, TargetAccount, Tokens

NOON = datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC)
REFUSAL = GraphError(status=400, code=4, subcode=2207051, message="Blocked.", trace_id="A6")
CONTAINER: dict[str, JsonValue] = {
    "id": "17",
    "createdAt": "2026-11-24T12:00:00.000005+00:00",
    "isReady": True,
    "isUploaded": False,
    "uploadBytes": 9,
}
PUBLICATION: dict[str, JsonValue] = {
    "containerId": "17",
    "mediaId": None,
    "known": ["1", "2"],
    "unsure": 2,
    "notFound": 1,
    "callAt": "2026-11-24T12:00:00.000005+00:00",
    "refusal": {"code": 4, "subcode": 2207051, "words": "Blocked.", "status": 400},
    "finishedAt": None,
}


@pytest.fixture
def job() -> MemoryJob:
    """A post without state."""
    return MemoryJob(
        account=TargetAccount(id=UUID(int=1), external_id="1784", handle="Brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.IMAGE,
        caption="",
        tokens=Tokens(access_token="IG", issued_at=NOON, expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
    )


async def test_containers(job: MemoryJob) -> None:
    """Containers are read back as they were stored, and from the form that earlier versions stored."""
    container = Container(id="17", created_at=job.now(), is_ready=True, is_uploaded=False, upload_bytes=9)
    await ContainerStore(job).put("0", container)
    assert ContainerStore(job).get("0") == container
    assert await ContainerStore(job).fail("1") == 1
    assert await ContainerStore(job).fail("1") == 2
    await job.save(containers={"0": CONTAINER | {"createdAt": job.now().isoformat()}})
    found = ContainerStore(job).get("0")
    assert found is not None
    assert (found.id, found.is_ready, found.is_uploaded, found.upload_bytes) == ("17", True, False, 9)


async def test_publication(job: MemoryJob) -> None:
    """The calls of a container are read back as they were stored; another container's are not."""
    publication = Publication(container_id="17", known=("1", "2"), unsure=2, not_found=1, call_at=NOON, refusal=REFUSAL)
    await publication.save(job)
    assert Publication.load(job, "17") == publication
    assert Publication.load(job, "18") == Publication(container_id="18")


async def test_publication_of_an_earlier_version(job: MemoryJob) -> None:
    """An upgrade does not forget a refusal, nor which posts were there before."""
    await job.save(publication=PUBLICATION)
    loaded = Publication.load(job, "17")
    assert (loaded.known, loaded.unsure, loaded.not_found, loaded.call_at) == (("1", "2"), 2, 1, NOON)
    assert loaded.refusal == GraphError(status=400, code=4, subcode=2207051, message="Blocked.")


@pytest.mark.parametrize("stored", [None, "x", {"containerId": 7}])
async def test_unreadable_state_is_no_state(job: MemoryJob, stored: JsonValue) -> None:
    """State that can't be parsed counts as none."""
    await job.save(publication=stored, containers=stored, keep_failures=stored)
    assert Publication.load(job, "17") == Publication(container_id="17")
    assert ContainerStore(job).get("0") is None
