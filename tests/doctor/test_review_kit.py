"""What `presswork review-kit` writes, and what the checks verify of it."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.api_server import serving
from tests.cli.program import CommandProcess, Presswork
from tests.cli.reverse_proxy import Rule, reverse_proxy
from tests.clocks import MovableClock
from tests.doctor.conftest import PUBLIC_URL
from tests.keys import private_key

from presswork.cli.sockets import listen_on, url_of
from presswork.doctor.checks.review import LEGAL_PAGES, USER_REQUESTS, check_review_urls
from presswork.doctor.model import CheckStatus
from presswork.doctor.review_kit import ReviewKitNotReady, checked_steps, review_kit
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms, review_of
from presswork.platforms.settings import Settings

OPERATOR = {"operator_name": "Bäckerei_Müller", "contact_email": "privacy@example.com"}
APPS = {
    "instagram_client_id": "1",
    "instagram_client_secret": SecretStr("s"),
    "facebook_client_id": "2",
    "facebook_client_secret": SecretStr("s"),
    "tiktok_client_key": "3",
    "tiktok_client_secret": SecretStr("s"),
    "youtube_client_id": "4",
    "youtube_client_secret": SecretStr("s"),
    "threads_client_id": "5",
    "threads_client_secret": SecretStr("s"),
    "linkedin_client_id": "6",
    "linkedin_client_secret": SecretStr("s"),
    "x_client_id": "8",
    "x_client_secret": SecretStr("s"),
    "pinterest_app_id": "7",
    "pinterest_app_secret": SecretStr("s"),
    "bluesky_private_key": SecretStr(private_key()),
    "telegram_bot_id": "7",
    "telegram_bot_token": SecretStr("7:s"),
}


def kit_of(settings: Settings, *logins: LoginName) -> Mapping[str, str]:
    """Return the files of a kit."""
    return review_kit(settings, Platforms(settings, base_url=PUBLIC_URL), logins or list(LoginName))


@pytest.fixture
def ready(settings: Settings) -> Settings:
    """Settings with an operator and a public URL, with a slash that no address repeats."""
    return settings.model_copy(update={**OPERATOR, "public_url": f"{PUBLIC_URL}/"})


@pytest.mark.parametrize("login", LoginName)
def test_each_permission_has_a_sentence(ready: Settings, login: LoginName) -> None:
    """Exactly those that the login can request: a new one needs a sentence, and no sentence is left behind."""
    with_numbers = ready.model_copy(update={"insights_scopes": True})
    described = Platforms(with_numbers, base_url=PUBLIC_URL).described()[login]
    for settings in (ready, with_numbers):
        described = Platforms(settings, base_url=PUBLIC_URL).described()[login]
        only_live = {"r_basicprofile"} if login is LoginName.LINKEDIN else set()  # the sandbox's app has all products
        support = described.insights
        for_numbers = set() if support is None else set(support.scopes)
        assert set(review_of(login).scopes) == set(described.login.permissions) | only_live | for_numbers
        assert (for_numbers <= set(described.login.permissions)) == (settings is with_numbers or not for_numbers)
    text = kit_of(with_numbers, login)[f"{login}/permissions.md"]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(described.login.permissions)
    for sentence in (review_of(login).scopes[name] for name in described.login.permissions):
        assert sentence in text


def test_permissions_that_settings_add_are_named(ready: Settings) -> None:
    """The reviewer asks about them too; Presswork has no use for them, and says so."""
    more = ready.model_copy(update={**APPS, "facebook_extra_scopes": "business_management"})
    text = kit_of(more)["facebook/permissions.md"]
    assert "## business_management\n\nYour settings request this permission" in text


def test_addresses_are_those_of_the_installation(ready: Settings) -> None:
    """Each as it must be registered; TikTok has no callback of Meta, and Facebook Login no webhook."""
    files = kit_of(ready)
    found = {login: re.findall(r"`(.+)` \|$", files[f"{login}/addresses.md"], re.MULTILINE) for login in LoginName}
    own = {
        LoginName.INSTAGRAM: {"/oauth/callback/a", "/webhooks/meta/deauthorize", "/webhooks/meta/data-deletion"},
        LoginName.FACEBOOK: {"/oauth/callback/b", "/webhooks/meta/deauthorize", "/webhooks/meta/data-deletion"},
        LoginName.TIKTOK: {"", "/oauth/callback/c", "/webhooks/tiktok/live"},
        LoginName.YOUTUBE: {"", "/oauth/callback/f"},
        LoginName.LINKEDIN: {"", "/oauth/callback/g"},
        LoginName.THREADS: {"/oauth/callback/d", "/webhooks/meta/deauthorize", "/webhooks/meta/data-deletion"},
    }
    for login, paths in own.items():
        everywhere = {"presswork.example.com", f"{PUBLIC_URL}/legal/privacy", f"{PUBLIC_URL}/legal/terms"}
        assert set(found[login]) == everywhere | {f"{PUBLIC_URL}{path}" for path in paths}, login


def test_every_file_is_for_people(ready: Settings) -> None:
    """A title each, the operator's name without markup, and scenes that are numbered."""
    files = kit_of(ready)
    assert set(files) == {
        "README.md",
        "checklist.md",
        *(f"{login}/{name}.md" for login in LoginName for name in ("addresses", "permissions", "demo-video")),
    }
    assert all(text.startswith("# ") and text.endswith("\n") for text in files.values())
    assert "Bäckerei\\_Müller" in files["README.md"]
    assert f"1. Open {PUBLIC_URL} and say" in files["tiktok/demo-video.md"]
    assert set(kit_of(ready, LoginName.TIKTOK)) == {
        "README.md",
        "checklist.md",
        "tiktok/addresses.md",
        "tiktok/permissions.md",
        "tiktok/demo-video.md",
    }


def test_without_its_settings_there_is_no_kit(settings: Settings) -> None:
    """It would lead reviewers to pages that do not exist."""
    with pytest.raises(ReviewKitNotReady) as refused:
        kit_of(settings)
    for name in ("PRESSWORK_PUBLIC_URL", "PRESSWORK_OPERATOR_NAME", "PRESSWORK_CONTACT_EMAIL"):
        assert name in refused.value.message


async def test_doctor_verifies_each_line_of_the_checklist(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """Every line of the first part is the name of a finding, where all apps are configured and the address is public."""
    (settings.data_dir / "media").mkdir(parents=True, exist_ok=True)
    listener = listen_on("127.0.0.1", 0)
    addresses = (
        "instagram_graph_url",
        "facebook_graph_url",
        "tiktok_api_url",
        "youtube_oauth_url",
        "youtube_api_url",
        "bluesky_url",
        "x_api_url",
        "telegram_api_url",
        "linkedin_www_url",
        "linkedin_api_url",
        "pinterest_api_url",
    )
    nowhere = dict.fromkeys(addresses, "http://127.0.0.1:1")
    with reverse_proxy(url_of(listener), lambda _agent, _path: None) as proxy:
        complete = settings.model_copy(update={**OPERATOR, **APPS, **nowhere, "public_url": proxy})
        async with serving(complete, dsn=dsn, clock=clock, listener=listener) as behind:
            client = await behind.client(scopes=["org:admin"])
            found = (await client.post("/v1/system/checks")).json()["findings"]
            setups = (await client.get("/v1/system")).json()["platforms"]
    names = {one["name"]: one["status"] for one in found}
    steps = checked_steps(Platforms(complete, base_url=proxy), list(LoginName))
    assert [step.finding for step in steps if step.finding not in names] == []
    assert (names[LEGAL_PAGES], names[USER_REQUESTS]) == ("ok", "ok")
    shown = {one["platform"]: {check["step"] for check in one["checks"]} for one in setups}
    assert {"legal_pages", "user_requests"} <= shown["instagram"] & shown["facebook"]
    assert "legal_pages" in shown["tiktok"]
    assert "user_requests" not in shown["tiktok"]


@pytest.mark.parametrize(
    ("rule", "verdicts"),
    [
        (lambda _agent, _path: None, ("ok", "ok")),
        (lambda _agent, path: (404, b"") if path == "/legal/terms" else None, ("fail", "ok")),
        (lambda _agent, path: (200, b"hello") if path.startswith("/legal") else None, ("fail", "ok")),
        (lambda _agent, path: (403, b"") if path.startswith("/webhooks/meta/data") else None, ("ok", "fail")),
    ],
    ids=["forwards all", "hides a page", "has other pages", "refuses a callback"],
)
async def test_addresses_are_opened_as_a_reviewer_does(
    settings: Settings, dsn: str, clock: MovableClock, rule: Rule, verdicts: tuple[str, str]
) -> None:
    """Through the public URL; a page that something else answers is not ours."""
    listener = listen_on("127.0.0.1", 0)
    with reverse_proxy(url_of(listener), rule) as proxy:
        complete = settings.model_copy(update={**OPERATOR, **APPS, "public_url": proxy})
        async with serving(complete, dsn=dsn, clock=clock, listener=listener):
            found = {one.name: one for one in await check_review_urls(complete)}
    assert tuple(found[name].status.value for name in (LEGAL_PAGES, USER_REQUESTS)) == verdicts


async def test_an_app_without_legal_pages_is_a_warning(settings: Settings) -> None:
    """Only where there is a live app: the sandbox needs no policy."""
    assert await check_review_urls(settings) == []
    (found,) = await check_review_urls(settings.model_copy(update=APPS))
    assert (found.name, found.status) == (LEGAL_PAGES, CheckStatus.WARN)
    assert "PRESSWORK_OPERATOR_NAME" in str(found.fix)


def test_the_command_writes_the_folder(command_process: CommandProcess, tmp_path: Path) -> None:
    """Into a new folder; it replaces files only with --force, and names the settings that are missing."""
    given = {"public_url": PUBLIC_URL, **OPERATOR}
    presswork = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", given)
    folder = tmp_path / "kit"
    done = presswork.run("review-kit", "--out", str(folder), "--platform", "tiktok")
    assert done.status == 0, done.stderr
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md")) == [
        "README.md",
        "checklist.md",
        "tiktok/addresses.md",
        "tiktok/demo-video.md",
        "tiktok/permissions.md",
    ]
    (folder / "README.md").write_text("mine", encoding="utf-8")
    again = presswork.run("review-kit", "--out", str(folder))
    assert (again.status, "--force" in again.stderr) == (1, True)
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine"
    assert presswork.run("review-kit", "--out", str(folder), "--force").status == 0
    assert (folder / "instagram" / "addresses.md").exists()
    assert not (tmp_path / "data").exists()
    bare = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {})
    refused = bare.run("review-kit", "--out", str(tmp_path / "other"))
    assert (refused.status, "PRESSWORK_PUBLIC_URL" in refused.stderr) == (1, True)
    assert not (tmp_path / "other").exists()
