"""The accounts of a new sandbox."""

from pathlib import Path

from tests.sandbox.running_sandbox import IG_SCOPES, RunningSandbox, Sandboxes

SAMPLES = [
    ("instagram", "fernhill.coffee", "business"),
    ("instagram", "mira.paints", "creator"),
    ("instagram", "jonas.lindqvist", "personal"),
    ("tiktok", "fernhillcoffee", "business"),
    ("tiktok", "mirapaints", "creator"),
    ("tiktok", "jonaslindqvist", "personal"),
    ("threads", "fernhill_coffee", "business"),
    ("threads", "mira_paints", "creator"),
    ("threads", "jonas_lindqvist", "personal"),
    ("youtube", "fernhillcoffee", "business"),
    ("youtube", "mirapaints", "creator"),
    ("youtube", "jonaslindqvist", "personal"),
    ("facebook", "fernhill.roastery", "business"),
    ("facebook", "mira.okafor", "business"),
    ("linkedin", "fernhill-coffee", "business"),
    ("linkedin", "mira-okafor", "creator"),
    ("linkedin", "jonas-lindqvist", "personal"),
    ("bluesky", "fernhill.bsky.social", "business"),
    ("bluesky", "mira.bsky.social", "creator"),
    ("bluesky", "jonas.bsky.social", "personal"),
    ("mastodon", "fernhill", "business"),
    ("mastodon", "mira", "creator"),
    ("mastodon", "jonas", "personal"),
    ("x", "fernhillcoffee", "business"),
    ("x", "mirapaints", "creator"),
    ("x", "jonaslindqvist", "personal"),
    ("telegram", "fernhill_coffee", "business"),
    ("telegram", "mira_paints", "creator"),
    ("telegram", "jonas_lindqvist", "personal"),
    ("pinterest", "fernhillcoffee", "business"),
    ("pinterest", "mirapaints", "creator"),
    ("pinterest", "jonaslindqvist", "personal"),
]


async def _accounts(sandbox: RunningSandbox) -> list[tuple[str, str, str]]:
    return [(item["platform"], item["handle"], item["tier"]) for item in await sandbox.items("accounts")]


async def _who_can_post_publicly(sandbox: RunningSandbox) -> dict[str, bool]:
    """Return what TikTok's creator_info offers to a creator and to a personal account."""
    offered = {}
    for handle in ("mirapaints", "jonaslindqvist"):
        token = (await sandbox.tiktok_login(handle))["access_token"]
        info = (await sandbox.tiktok(token, "post/publish/creator_info/query")).json()["data"]
        offered[handle] = "PUBLIC_TO_EVERYONE" in info["privacy_level_options"]
    return offered


async def test_a_new_sandbox_has_accounts_to_choose_from(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """Each platform has the kinds of accounts that it knows. TikTok's personal one is private, the authorize page preselects
    the business account, and a restart adds none and keeps changes.
    """
    sandbox = await sandboxes.start(tmp_path / "state", with_sample_accounts=True)
    assert await _accounts(sandbox) == SAMPLES
    names = {item["displayName"] for item in await sandbox.items("accounts")}
    assert names == {"Fernhill Coffee", "Mira Okafor", "Jonas Lindqvist"}
    assert await sandbox.items("posts") == []
    assert await _who_can_post_publicly(sandbox) == {"mirapaints": True, "jonaslindqvist": False}
    ask = {"client_id": "1", "redirect_uri": "http://x/y", "response_type": "code", "scope": IG_SCOPES}
    page = (await sandbox.http.get("/sandbox/www.instagram.com/oauth/authorize", params=ask)).text
    assert page.count('name="account"') == 3
    assert page.count('value="fernhill.coffee" checked') == 1  # the business account, which can be published to
    await sandbox.account("instagram", "mira.paints", tier="business")
    await sandboxes.stop(sandbox)
    again = await sandboxes.start(tmp_path / "state", with_sample_accounts=True)
    assert len(await _accounts(again)) == len(SAMPLES)
    assert ("instagram", "mira.paints", "business") in await _accounts(again)


async def test_a_reset_leaves_the_sandbox_empty(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A reset deletes the sample accounts, and neither it nor a restart brings them back."""
    sandbox = await sandboxes.start(tmp_path / "state", with_sample_accounts=True)
    assert (await sandbox.control("POST", "reset")).status_code == 200
    assert await _accounts(sandbox) == []
    await sandboxes.stop(sandbox)
    assert await _accounts(await sandboxes.start(tmp_path / "state", with_sample_accounts=True)) == []


async def test_a_state_with_accounts_gets_none(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A state of an earlier version that has an account stays as it is."""
    old = await sandboxes.start(tmp_path / "state")
    await old.account("tiktok", "mine")
    await sandboxes.stop(old)
    sandbox = await sandboxes.start(tmp_path / "state", with_sample_accounts=True)
    assert await _accounts(sandbox) == [("tiktok", "mine", "business")]
