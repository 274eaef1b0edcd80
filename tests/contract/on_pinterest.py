"""Pinterest for contract tests: the connector against the sandbox, with posts for a board of the account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.job import MemoryJob, Sample
from tests.contract.on_platform import OnPlatform

from presswork.platforms.pinterest.connector import PinterestConnector
from presswork.platforms.port import Board, Grant, PostOptions

SETTINGS = "pinterestPostSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPinterest(OnPlatform):
    """The set-up of a test that publishes on Pinterest."""

    name: str = "pinterest"
    redirect_uri: str = "http://127.0.0.1/oauth/callback/n"
    caption: str = "Fresh from the press: #paper, crème brûlée & 🗞️ https://example.com"

    @property
    def connector(self) -> PinterestConnector:
        """The platform's connector."""
        assert isinstance(self.platform.connector, PinterestConnector)
        return self.platform.connector

    async def boards(self, job: MemoryJob, *, limit: int = 250) -> Sequence[Board]:
        """Return the boards of a post's account."""
        boards, _ = await self.connector.fetch_boards(job.account, job, limit=limit, cursor=None)
        return boards

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        options: PostOptions | None = None,
        grant: Grant | None = None,
        handle: str | None = None,
        **more: Any,  # as in OnPlatform
    ) -> MemoryJob:
        """Return a post for the account's first board, unless the options name one."""
        job = await OnPlatform.job(self, samples, options=options, grant=grant, handle=handle, **more)
        own = job.options.document.get(SETTINGS, {})
        assert isinstance(own, dict)
        if "boardId" not in own:
            [board, *_] = await self.boards(job)
            job.options = PostOptions({**job.options.document, SETTINGS: {"boardId": board.id, **own}})
        return job
