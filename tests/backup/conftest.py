"""What the tests of backups share."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.backup.vault import Vault

from presswork.core.settings import Settings


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Where backups go."""
    (tmp_path / "backups").mkdir()
    return Vault(tmp_path / "backups")


@pytest.fixture
def from_settings(settings: Settings, dsn: str) -> Settings:
    """The installation that is backed up."""
    return settings.model_copy(update={"database_url": SecretStr(dsn)})


@pytest.fixture
def to_settings(tmp_path: Path, bare_dsn: str) -> Settings:
    """The installation to be: an empty database, and a data folder that is not there."""
    return Settings(_env_file=None, data_dir=tmp_path / "restored", database_url=SecretStr(bare_dsn), media_processes=1)
