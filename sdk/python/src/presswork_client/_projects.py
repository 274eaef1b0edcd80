"""The projects resource, with the download of an export."""

from collections.abc import AsyncGenerator, Generator

from presswork_client import models
from presswork_client._downloads import Download, download, download_async
from presswork_client._generated.projects import AsyncProjectsCalls, ProjectsCalls
from presswork_client._transport import Settings
from presswork_client.errors import InvalidArgumentError


class Projects(ProjectsCalls):
    """Group the content and accounts of one customer, export them and erase them."""

    def download_export(self, *, export_id: str) -> Generator[bytes]:
        """Yield the bytes of the archive of an export that is done, as they arrive: write them to a file.

        Raises InvalidArgumentError if the export is not done, and APIConnectionError if the download is cut off.
        """
        export = self.get_export(export_id=export_id)
        yield from download(self._transport, _wanted(self._transport.settings, export))


class AsyncProjects(AsyncProjectsCalls):
    """Group the content and accounts of one customer, export them and erase them."""

    async def download_export(self, *, export_id: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of the archive of an export that is done, as they arrive: write them to a file.

        Raises InvalidArgumentError if the export is not done, and APIConnectionError if the download is cut off.
        """
        export = await self.get_export(export_id=export_id)
        async for chunk in download_async(self._transport, _wanted(self._transport.settings, export)):
            yield chunk


def _wanted(settings: Settings, export: models.Export) -> Download:
    if export.url is None:
        raise InvalidArgumentError(
            f"{export.id} is {export.status}: it has no archive. Read it with get_export until its status is done."
        )
    return Download.of_url(settings, export.url, f"GET the archive of {export.id}")
