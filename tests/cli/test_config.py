"""`presswork config`: every setting with its source and meaning, and no secret."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from tests.cli.program import Presswork

from presswork.cli.run.setup import read_settings
from presswork.core.errors import Unavailable
from presswork.core.setting_values import PREFIX
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.media.store import MediaStore
from presswork.platforms.settings import Settings


def test_every_setting_is_listed_with_its_meaning(presswork: Presswork) -> None:
    """The output has each setting by its variable, with a description."""
    settings = presswork.json("config")["settings"]
    assert [item["variable"] for item in settings] == [PREFIX + name.upper() for name in Settings.model_fields]
    assert all(len(item["meaning"]) > 10 for item in settings)


def test_each_setting_has_its_source(presswork: Presswork) -> None:
    """A flag takes precedence over the environment, then .env, then the default; the output names the source."""
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
    """Neither the text nor the JSON output has a secret or the password of a URL."""
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
    """Each printed key is new, and valid as a setting."""
    first, second = (presswork.json("config", "--new-key")["key"] for _ in range(2))
    assert first != second
    settings = Settings.model_validate({"data_dir": tmp_path, "secret_keys": f"{first},{second}"})
    assert isinstance(load_keyring(settings), Keyring)


def test_a_misspelt_name_is_refused(presswork: Presswork, subtests: pytest.Subtests) -> None:
    """A name that no setting has, in the environment or in .env, ends each command with the nearest real name."""
    presswork.cwd.mkdir()
    (presswork.cwd / ".env").write_text("PRESSWORK_PROT=9001\nOTHER=1\n")
    for command in ("up", "api", "worker", "sandbox", "migrate", "doctor", "config", "org list"):
        with subtests.test(command=command):
            done = presswork.run(*command.split(), secret_key="hush-hush", zzz="1")
            said = " ".join((done.stdout + done.stderr).split())
            assert done.status == 1, said
            for sentence in (
                "PRESSWORK_SECRET_KEY, which is set in the environment, is not a setting: did you mean PRESSWORK_SECRET_KEYS?",
                "PRESSWORK_PROT, which is set in .env, is not a setting: did you mean PRESSWORK_PORT?",
                "PRESSWORK_ZZZ, which is set in the environment, is not a setting.",
            ):
                assert sentence in said, said
            assert "hush-hush" not in said
            assert not presswork.data_dir.exists()


def test_names_of_clients_tests_and_kubernetes_are_known(presswork: Presswork) -> None:
    """Variables that the clients, the compose file, tests and Kubernetes set are no misspelt settings."""
    settings = {
        "api_key": "lp_test_x",
        "base_url": "http://127.0.0.1:8000",
        "log": "debug",
        "login_file": "x",
        "published_port": "80",
        "test_browser": "x",
        "tests_server": "x",
        "service_host": "10.0.0.1",
        "service_port": "80",
        "api_service_port_http": "80",
        "api_port": "tcp://10.0.0.1:80",
        "api_port_80_tcp": "tcp://10.0.0.1:80",
        "api_port_80_tcp_addr": "10.0.0.1",
    }
    assert presswork.run("config", **settings).status == 0


def test_all_invalid_settings_are_named(presswork: Presswork) -> None:
    """The error of a command names every invalid variable."""
    done = presswork.run("org", "list", port="many", log_level="loud")
    assert done.status == 1
    assert "PRESSWORK_PORT" in done.stderr
    assert "PRESSWORK_LOG_LEVEL" in done.stderr


REFUSED: Final[Sequence[tuple[dict[str, str], str]]] = [
    ({"worker_lease": "-5"}, "PRESSWORK_WORKER_LEASE is -5, but must be from 3 to 600 seconds."),
    ({"republish_after_live": "0"}, "PRESSWORK_REPUBLISH_AFTER_LIVE is 0, but must be from 10 to 1800 seconds."),
    ({"republish_after_live": "60"}, "PRESSWORK_REPUBLISH_AFTER_LIVE is 60, but must be at least 90 seconds: "),
    ({"port": "many"}, "PRESSWORK_PORT is many, but must be from 0 to 65535."),
    ({"public_url": "example.com"}, "PRESSWORK_PUBLIC_URL is example.com, but it must be an http or https URL"),
    ({"sandbox_token": "word-one"}, "PRESSWORK_SANDBOX_TOKEN is [hidden], but it must have at least 32 letters"),
    ({"otel_endpoint": "example.com"}, "PRESSWORK_OTEL_ENDPOINT is example.com, but "),
    ({"secret_keys": "A" * 43}, "PRESSWORK_SECRET_KEYS is [hidden], but it must contain random keys only"),
    ({"database_url": "mysql://me:word-one@db"}, "PRESSWORK_DATABASE_URL is [hidden], but it must start with "),
]
"""Settings that break a guarantee, and the beginning of what each command says."""


def test_a_setting_that_breaks_a_guarantee_is_refused(presswork: Presswork, subtests: pytest.Subtests) -> None:
    """Commands that start a process exit with one sentence; `config` and `doctor` show the value and fail."""
    for settings, sentence in REFUSED:
        for command in ("up", "api", "worker", "sandbox", "org list", "secrets status"):
            with subtests.test(settings=settings, command=command):
                done = presswork.run(*command.split(), **settings)
                assert (done.status, sentence in done.stderr, "Traceback" in done.stderr) == (1, True, False)
        with subtests.test(settings=settings):
            done = presswork.run("config", **settings)
            assert (done.status, f"\t{sentence}" in done.stdout) == (1, True), done.stdout
            listed = json.loads(presswork.run("config", "--json", **settings).stdout)["settings"]
            (item,) = [item for item in listed if item["refused"]]
            assert item["refused"].startswith(sentence)
            assert str(item["value"]).rstrip("0").rstrip(".") in sentence
            done = presswork.run("doctor", **settings)
            assert (done.status, sentence in done.stdout) == (1, True), done.stdout
            assert "word-one" not in done.stdout + done.stderr


def test_doctor_shows_the_effective_leases_and_waits(presswork: Presswork) -> None:
    """With valid settings `doctor` shows the effective waits and leases."""
    done = presswork.run("doctor", port="1", worker_lease="45")
    assert "worker lease 45 s" in done.stdout
    assert "republish after 120 s" in done.stdout


def test_a_folder_that_cannot_be_entered_has_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that starts in another user's home folder, as with `sudo -u`, reads the environment only."""
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / ".env").write_text("PRESSWORK_PORT=9001\n")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PRESSWORK_PORT", raising=False)
    assert read_settings(data_dir=tmp_path).port == 9001
    is_root = os.geteuid() == 0
    folder.chmod(0o600)
    if is_root:
        os.seteuid(65534)
    try:
        found = read_settings(data_dir=tmp_path)
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)
    assert (found.port, found.data_dir) == (8000, tmp_path)


def test_an_unreadable_env_file_is_refused(presswork: Presswork, subtests: pytest.Subtests) -> None:
    """A .env that is not UTF-8 ends each command with a sentence that names it."""
    presswork.cwd.mkdir()
    (presswork.cwd / ".env").write_bytes(b"PRESSWORK_PORT=9001 # f\xfcr\n")
    for command in ("up", "doctor", "config", "org list"):
        with subtests.test(command=command):
            done = presswork.run(*command.split())
            said = " ".join(done.stderr.split())
            assert (done.status, ".env can't be read" in said, "UTF-8" in said) == (1, True, True), done.stderr
            assert "Traceback" not in said


def test_the_home_folder_of_an_unknown_user_is_refused(presswork: Presswork) -> None:
    """`~name` of a user that does not exist, as a folder or a file, ends each command with a sentence."""
    for command in ("org list", "up", "doctor", "config", "restore /nowhere"):
        done = presswork.run(*command.split(), "--data-dir", "~nouser/x")
        said = " ".join((done.stdout + done.stderr).split())
        assert (done.status, "~nouser" in said, "Traceback" in said) == (1, True, False), (command, said)
    done = presswork.run("demo", "--data-dir", "~nouser/x")
    assert (done.status, "~nouser" in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    for command in ("backup", "restore"):
        done = presswork.run(command, "~nouser/x")
        assert (done.status, "~nouser" in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr
    with pytest.raises(Unavailable, match="PRESSWORK_MEDIA_STORE is ~nouser/x"):
        MediaStore.open("~nouser/x")
