"""The results resource, with the export of the numbers of posts."""

from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import datetime
from typing import Final, Literal, TypedDict, Unpack

from presswork_client import choices
from presswork_client._calls import Call, Options
from presswork_client._downloads import Download, download, download_async
from presswork_client._generated.results import AsyncResultsCalls, ResultsCalls
from presswork_client.models import InsightsGroups


class InsightsFilters(TypedDict, total=False):
    """Of which posts the numbers are exported: the filters of summarize."""

    project_id: str
    social_account_id: str
    platform: choices.PlatformName
    since: datetime | str
    until: datetime | str


_EXPORT: Final = Call(method="GET", path="/v1/insights/export", answer=InsightsGroups)


def _export_query(form: str, filters: InsightsFilters) -> Mapping[str, object]:
    """Return the query of an export."""
    names = {"project_id": "projectId", "social_account_id": "socialAccountId"}
    return {"format": form, **{names.get(name, name): value for name, value in filters.items()}}


class Results(ResultsCalls):
    """Read the numbers of live posts and of accounts."""

    def export(self, *, format: Literal["csv", "jsonl"], **filters: Unpack[InsightsFilters]) -> Generator[bytes]:  # noqa: A002  as the API names it
        """Yield the bytes of one file of the last numbers of all posts that match, as they arrive: write them to a file.

        Filters are those of summarize. Raises APIConnectionError if the file is cut off: what was yielded is not the whole.
        """
        settings = self._transport.settings
        yield from download(self._transport, Download.of(settings, _EXPORT, _export_query(format, filters), Options()))


class AsyncResults(AsyncResultsCalls):
    """Read the numbers of live posts and of accounts."""

    async def export(
        self,
        *,
        format: Literal["csv", "jsonl"],  # noqa: A002  as the API names it
        **filters: Unpack[InsightsFilters],
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes of one file of the last numbers of all posts that match, as they arrive: write them to a file.

        Filters are those of summarize. Raises APIConnectionError if the file is cut off: what was yielded is not the whole.
        """
        settings = self._transport.settings
        wanted = Download.of(settings, _EXPORT, _export_query(format, filters), Options())
        async for chunk in download_async(self._transport, wanted):
            yield chunk
