"""What the chapters of a demo share: the running server, the samples, the screen, and the steps that all of them take."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

import httpx2

from presswork.cli.demo.posts import Feeds, FollowedPost, follow
from presswork.cli.demo.samples import Sample, Samples
from presswork.cli.demo.sandbox import Account, Sandbox
from presswork.cli.demo.screen import Screen
from presswork.cli.demo.server import RETURN_URL, DemoFailed, create_demo_key
from presswork.core.settings import Settings
from presswork_client import NOT_GIVEN, AsyncPresswork, NotGiven, choices
from presswork_client.params import TargetParam

LIVE_TIMEOUT: Final = timedelta(seconds=90)
_MAX_RETRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoContext:
    """A running server, content to upload, and the screen."""

    url: str
    settings: Settings
    samples: Samples
    screen: Screen
    http: httpx2.AsyncClient
    sandbox: Sandbox
    accounts: list[Account] = field(default_factory=list)
    """Those that the chapters connected."""
    keys: dict[str, str] = field(default_factory=dict)
    """The API keys of the chapters, by name."""

    async def caller(self, name: str, *scopes: str, is_shown: bool = True) -> AsyncPresswork:
        """Create an API key, and return a client that uses it. `is_shown`: the demo prints the key at its end."""
        key = await create_demo_key(self.settings, name, scopes)
        if is_shown:
            self.keys[name] = key
        return AsyncPresswork(api_key=key, base_url=self.url, max_retries=_MAX_RETRIES, http_client=self.http)

    async def create_project(self, client: AsyncPresswork, name: str) -> str:
        """Create a project and return its id."""
        return (await client.projects.create(name=name, timezone="Europe/Lisbon")).id

    async def connect(
        self,
        client: AsyncPresswork,
        project_id: str,
        platform: choices.PlatformName,
        handle: str,
        *,
        login: choices.LoginName | NotGiven = NOT_GIVEN,
    ) -> Account:
        """Connect a sandbox account by OAuth; `login` selects another login than the platform's usual one."""
        started = await client.social_accounts.create_oauth_url(
            project_id=project_id, platform=platform, return_url=RETURN_URL, login=login
        )
        await self.sandbox.approve_login(started.authorize_url, handle)
        status = await client.social_accounts.get_oauth_status(state=started.state)
        if status.social_account_id is None:
            raise DemoFailed(f"Connecting {platform} @{handle} failed: the login is {status.status} ({status.error}).")
        account = Account(id=status.social_account_id, platform=platform, handle=handle)
        self.accounts.append(account)
        return account

    async def upload(self, client: AsyncPresswork, project_id: str, sample: Sample) -> str:
        """Upload a sample and return the id of its container."""
        content = await client.content.upload_files(sample.files, project_id=project_id, caption=sample.caption)
        return content.id

    async def accepted(
        self, client: AsyncPresswork, container_id: str, targets: Mapping[Account, TargetParam]
    ) -> Mapping[Account, TargetParam]:
        """Return the targets whose platform has posts for this content, as preflight says."""
        answer = await client.publishing.preflight(container_id=container_id, targets=list(targets.values()))
        unsupported = {
            account
            for account, verdict in zip(targets, answer.targets, strict=True)
            if any(error.details.get("reason") == "media_not_supported" for error in verdict.errors)
        }
        return {account: target for account, target in targets.items() if account not in unsupported}

    async def publish(
        self,
        client: AsyncPresswork,
        container_id: str,
        sample: Sample,
        targets: Mapping[Account, TargetParam],
        *,
        expected: str = "published",
    ) -> list[FollowedPost]:
        """Publish a container to all accounts with one call."""
        answer = await client.publishing.publish_now(container_id=container_id, targets=list(targets.values()))
        return [
            FollowedPost(
                id=post_id,
                label=sample.label,
                account=account,
                expected=expected,
                has_comment="firstCommentOverride" in target,
            )
            for post_id, (account, target) in zip(answer.scheduled_post_ids, targets.items(), strict=True)
        ]

    async def follow(self, client: AsyncPresswork, posts: Sequence[FollowedPost], feeds: Feeds) -> bool:
        """Show the posts until they are settled, and the timeline of each that did not end as expected.

        Returns whether all ended as expected and the platforms show exactly the live ones.
        """
        with self.screen.progress(posts) as on_change:
            await follow(client, posts, timeout=LIVE_TIMEOUT, on_change=on_change)
        self.screen.outcome(posts, url=self.url)
        unexpected = [post for post in posts if not post.is_as_expected]
        for post in unexpected:
            self.screen.timeline(post, (await client.publishing.get_timeline(post_id=post.id)).items)
        mismatches = await feeds.mismatches(posts)
        for sentence in mismatches:
            self.screen.failure(sentence)
        return not unexpected and not mismatches

    async def follow_live(self, client: AsyncPresswork, posts: Sequence[FollowedPost], feeds: Feeds) -> bool:
        """Do the same as `follow` for posts that all have to be live, and show the count."""
        if await self.follow(client, posts, feeds):
            self.screen.success(
                f"All {len(posts)} posts are live, each exactly once", " (counted on the platforms' side)"
            )
            return True
        live = sum(post.status == "published" for post in posts)
        self.screen.failure(f"{live} of {len(posts)} posts are live.")
        return False


def to_feed(account: Account) -> TargetParam:
    """Return a target in mode `publish`."""
    return {"socialAccountId": account.id, "mode": "publish"}


Chapter: TypeAlias = Callable[[DemoContext], Awaitable[bool]]
"""Shows one feature, in a separate project, and returns whether all ended as expected. Raises DemoFailed or a client error when it can't continue."""
