"""Fixtures of the backup tests."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.backup.backups import Backups

from presswork.platforms.settings import Settings


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    """Creates and restores backups in a folder."""
    (tmp_path / "backups").mkdir()
    return Backups(tmp_path / "backups")


@pytest.fixture
def from_settings(settings: Settings, dsn: str) -> Settings:
    """The settings of the installation that is backed up."""
    return settings.model_copy(update={"database_url": SecretStr(dsn)})


@pytest.fixture
def to_settings(tmp_path: Path, bare_dsn: str) -> Settings:
    """The settings to restore into: an empty database, and a data folder that does not exist."""
    return Settings(_env_file=None, data_dir=tmp_path / "restored", database_url=SecretStr(bare_dsn), media_processes=1)
