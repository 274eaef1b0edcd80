"""The usage resource, with the export as a file."""

from collections.abc import AsyncGenerator, Generator, Mapping
from typing import Final, TypedDict, Unpack

from presswork_client import choices
from presswork_client._calls import Call, Options
from presswork_client._downloads import Download, download, download_async
from presswork_client._generated.usage import AsyncUsageCalls, UsageCalls
from presswork_client.models import UsageReport


class UsagePeriod(TypedDict, total=False):
    """Which usage is exported: the parameters of get."""

    since: str
    until: str
    group_by: choices.UsageBy


_EXPORT: Final = Call(method="GET", path="/v1/usage/export", answer=UsageReport)


def _export_query(period: UsagePeriod) -> Mapping[str, object]:
    """Return the query of an export."""
    return {"groupBy" if name == "group_by" else name: value for name, value in period.items()}


class Usage(UsageCalls):
    """Read what the organization has used, and its limits."""

    def export(self, **period: Unpack[UsagePeriod]) -> Generator[bytes]:
        """Yield the bytes of one CSV file of what was used: write them to a file. Parameters are those of get."""
        settings = self._transport.settings
        yield from download(self._transport, Download.of(settings, _EXPORT, _export_query(period), Options()))


class AsyncUsage(AsyncUsageCalls):
    """Read what the organization has used, and its limits."""

    async def export(self, **period: Unpack[UsagePeriod]) -> AsyncGenerator[bytes]:
        """Yield the bytes of one CSV file of what was used: write them to a file. Parameters are those of get."""
        wanted = Download.of(self._transport.settings, _EXPORT, _export_query(period), Options())
        async for chunk in download_async(self._transport, wanted):
            yield chunk
