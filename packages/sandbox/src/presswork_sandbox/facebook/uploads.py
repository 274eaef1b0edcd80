"""What can be filled by an upload to rupload.facebook.com, as that host sees it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from presswork_sandbox.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTarget:
    """An object that bytes are sent to."""

    number: int
    account_id: int
    fault_id: int | None
    is_open: bool  # whether it still waits for bytes
    limit_bytes: int


class Uploads(Protocol):
    """The objects of one kind, such as the containers of Instagram."""

    def target(self, text: str) -> UploadTarget | None:
        """Find an object by its id as the path of an upload carries it."""
        ...

    def stored_bytes(self, number: int) -> tuple[int, int | None]:
        """Return how much of an upload is there, and how much there will be: None before that was said."""
        ...

    def store_bytes(self, number: int, stored: int, file_size: int) -> None:
        """Note how much of an upload is there."""
        ...

    def upload_path(self, number: int) -> Path:
        """Return where the bytes of an upload are."""
        ...

    def fill_from(self, number: int, url: str | None) -> None:
        """Take what was uploaded, or what a URL returns, as the file."""
        ...

    def hold(self, number: int, fault: Fault) -> None:
        """Let a stuck_processing or media_error fault act."""
        ...
