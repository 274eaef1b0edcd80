"""Create and restore backups in the test process."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from presswork.backup.archive import examine
from presswork.backup.model import Contents
from presswork.backup.restore import Restored, Target, restore_backup
from presswork.backup.restore_reconciliation import Reconciliation
from presswork.backup.take import Source, take_backup
from presswork.db.one_connection import connected
from presswork.platforms.settings import Settings


def ignore(_part: str, _size_bytes: int) -> None:
    """Ignore a progress report."""


@dataclass(frozen=True, slots=True)
class Backups:
    """Creates backups of the database that settings name, and restores them into the database of other settings."""

    folder: Path

    async def take(self, settings: Settings, *, now: datetime, with_keys: bool = True) -> Path:
        """Create a backup and return the file."""
        assert settings.database_url is not None
        file = self.folder / f"{len(list(self.folder.iterdir()))}.backup"
        source = Source(
            settings=settings,
            dsn=settings.database_url.get_secret_value(),
            connect=connected,
            sandbox=settings.data_dir / "sandbox",
        )
        await asyncio.to_thread(take_backup, source, file, with_keys=with_keys, now=now, progress=ignore)
        return file

    async def restore(
        self, file: Path, settings: Settings, *, now: datetime, ran_until: datetime | None, are_keys_lost: bool = False
    ) -> Restored:
        """Restore a backup. `ran_until` None means that no service ran after the backup."""
        target = Target(settings=settings, connect=connected, sandbox=settings.data_dir / "sandbox")
        choices = Reconciliation(ran_until=ran_until, are_keys_lost=are_keys_lost)
        return await asyncio.to_thread(
            restore_backup, file, self.contents(file), target, choices, now=now, progress=ignore
        )

    def contents(self, file: Path) -> Contents:
        """Check a backup and return its contents."""
        return examine(file, ignore)
