"""Every setting is shown with its source and its meaning, and no secret is."""

from pathlib import Path

from tests.cli.program import Presswork

from presswork.core.settings import PREFIX, Settings
from presswork.crypto.keyring import Keyring, load_keyring


def test_every_setting_is_listed_with_its_meaning(presswork: Presswork) -> None:
    """Each setting appears under its variable, with a meaning that a person can read."""
    settings = presswork.json("config")["settings"]
    assert [item["variable"] for item in settings] == [PREFIX + name.upper() for name in Settings.model_fields]
    assert all(len(item["meaning"]) > 10 for item in settings)


def test_sources_are_told_apart(presswork: Presswork) -> None:
    """A flag wins over the environment, that over .env, that over the default; each is named."""
    presswork.cwd.mkdir()
    (presswork.cwd / ".env").write_text("PRESSWORK_PORT=9001\nPRESSWORK_HOST=127.0.0.9\n")
    folder = presswork.cwd / "flagged"
    found = presswork.json("config", "--data-dir", str(folder), port="9002")["settings"]
    shown = {item["variable"]: (item["value"], item["source"]) for item in found}
    assert shown["PRESSWORK_DATA_DIR"] == (str(folder), "flag")
    assert shown["PRESSWORK_PORT"] == (9002, "env")
    assert shown["PRESSWORK_HOST"] == ("127.0.0.9", ".env")
    assert shown["PRESSWORK_LOG_LEVEL"] == ("info", "default")


def test_secrets_stay_hidden(presswork: Presswork) -> None:
    """Secrets, and the password in an address, are in neither form of the output."""
    secrets = {
        "database_url": "postgresql://me:word-one@db/presswork",
        "secret_keys": "word-two",
        "instagram_client_secret": "word-three",
        "tiktok_client_secret": "word-four",
        "public_url": "https://me:word-five@presswork.example.com",
    }
    for form in ((), ("--json",)):
        done = presswork.run("config", *form, **secrets)
        assert done.status == 0
        assert "word-" not in done.stdout + done.stderr
        assert "[hidden]" in done.stdout


def test_new_key_can_be_used(presswork: Presswork, tmp_path: Path) -> None:
    """The printed key is one that the settings take, and each time another."""
    first, second = (presswork.json("config", "--new-key")["key"] for _ in range(2))
    assert first != second
    settings = Settings.model_validate({"data_dir": tmp_path, "secret_keys": f"{first},{second}"})
    assert isinstance(load_keyring(settings), Keyring)


def test_bad_settings_are_all_told(presswork: Presswork) -> None:
    """A command with bad settings names every bad variable at once."""
    done = presswork.run("org", "list", port="many", log_level="loud")
    assert done.status == 1
    assert "PRESSWORK_PORT" in done.stderr
    assert "PRESSWORK_LOG_LEVEL" in done.stderr
