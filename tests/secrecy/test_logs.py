"""Logs contain no secrets in either format: in nested values, tracebacks and crashes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.secrecy.canaries import Canaries

from presswork.core.logging import redact, secret_values
from presswork.platforms.settings import Settings
from presswork_sandbox.tokens import CODE_PREFIXES, PREFIXES

SECRET = "canary/of+the=settings&"
TOKEN = "act.canary-of-a-token-0123456789"
_PROGRAM = """
import logging, sys, threading
import structlog
from presswork.core.logging import set_up_logs
from presswork.platforms.settings import Settings
set_up_logs(Settings(_env_file=None))
secret, token = sys.argv[1:]
log = structlog.get_logger()
log.info("plain " + secret, nested={"deep": [secret, (token,)], "password": "x" + "y" * 20}, error=ValueError(token))
logging.getLogger("other").warning("by %s", secret)
logging.getLogger("other").warning(f"in the text itself {secret} {token}")
try:
    raise ValueError(f"quoting {secret} and {token}")
except ValueError:
    log.exception("caught")
    logging.getLogger("other").exception("caught there")
def fail():
    raise RuntimeError(secret)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Late:
    def __del__(self):
        raise RuntimeError(secret)
Late()
raise SystemError(f"crashed with {token} {secret}")
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_in_any_line(tmp_path: Path, log_format: str) -> None:
    """Lines, nested values, errors, tracebacks of both loggers and all kinds of crashes are logged, without secrets."""
    environment = os.environ | {
        "PRESSWORK_LOG_FORMAT": log_format,
        "PRESSWORK_TIKTOK_CLIENT_SECRET": SECRET,
        "PRESSWORK_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-P", "-c", _PROGRAM, SECRET, TOKEN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert Canaries({"secret": SECRET, "token": TOKEN, "password": "y" * 20}).leaks({"log": said.encode()}) == []
    wanted = (
        "plain [hidden]",
        "caught there",
        "thread crashed",
        "unraisable exception",
        "crashed",
        "SystemError",
    )
    assert [text for text in wanted if text not in said] == []
    if log_format == "json":
        assert all(json.loads(line) for line in said.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {secret}",
        "{{'Authorization': 'Basic {secret}'}}",
        "https://example.com/?client_secret={secret}&x=1",
        "postgresql://user:{secret}@db.internal/presswork",
        "/handover/x?expires=1&signature={secret}",
    ],
)
def test_secrets_are_recognized_by_their_context(text: str) -> None:
    """A secret without a specific form is recognized by the text before it."""
    secret = "AnyValueAtAll0123456789"
    assert secret not in redact(text.format(secret=secret))


@pytest.mark.parametrize(
    "secret",
    [
        f"lp_live_{'A' * 16}_{'b' * 43}",
        f"whsec_{'A' * 20}",
        "act.0123456789",
        "rft.0123456789",
        "clt.0123456789",
        f"IG{'A' * 24}",
        f"EAA{'b' * 24}",
        f"4/0A{'b' * 40}",
        f"GOCSPX-{'b' * 28}",
        "https://example.com/?access_token=0123456789",
        "https://example.com/?x=1&refresh_token=0123456789",
        "https://example.com/?x=1&upload_token=0123456789",
        "bearer 0123456789",
        "basic 0123456789",
        f"DPoP {'b' * 24}",
        "+15005550199",
    ],
)
def test_every_form_of_a_secret_is_recognized(secret: str) -> None:
    """A secret is hidden wherever it is in a text, also where nothing else in the text looks like one."""
    value = secret.rpartition("=")[2].rpartition(" ")[2]
    for text in (secret, f"a text, {secret}", f"({secret})"):
        assert value not in redact(text)


def test_the_tokens_and_codes_of_every_platform_are_recognized() -> None:
    """As the sandbox issues them: none depends on the words around it, and each in a text of others."""
    digest = "aBc-123_" * 12
    jwt = f"eyJhbGciOiJFUzI1NiJ9.{digest}.{digest}"
    forms = [prefix + digest.replace("-", "x") for prefix in (*PREFIXES.values(), *CODE_PREFIXES.values()) if prefix]
    forms = [form.replace("_", "") if form.startswith(("tok-", "ref-", "cod-")) else form for form in forms]
    shown = [form for form in (*forms, jwt) for text in (form, f"a text, {form}", f"({form})") if form in redact(text)]
    assert shown == []
    assert len(forms) > 15


def test_a_phone_is_hidden_and_ordinary_numbers_are_not() -> None:
    """A phone number is removed from a message; times with offsets, sums and ids are not."""
    assert redact("The 'To' number +15005550199 is not valid.") == "The 'To' number [hidden] is not valid."
    for text in (
        "2026-11-25T10:00:00+00:00",
        "1+123456789",
        "+100 posts",
        "sp_01a2123f-f0aa-7298-bac7-3af4d0465d0c",
        "THE_LONGEST_NAME_OF_A_SETTING_WITH_AQUA",
        "14/24 files on 2024/11/25, at /srv/a/1//b",
    ):
        assert redact(text) == text


def test_secrets_of_the_settings_are_recognized(tmp_path: Path) -> None:
    """Every secret setting is included: each key of a list, and the password of a URL."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        secret_keys=SecretStr("first-key, second-key"),
        database_url=SecretStr("postgresql://user:pass%2Fword@host/name"),
        sms_auth_token=SecretStr("a-token"),
    )
    assert set(secret_values(settings)) == {"first-key", "second-key", "pass/word", "a-token"}
