"""The sandbox, started once and reset before each test, and the fixtures of all connectors' contract tests."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl as SandboxControl
from tests.contract.faults import code
from tests.contract.in_process import InProcessClient, InProcessTransport, OpenTransport, SandboxApp
from tests.contract.job import MediaHost, Sample, clip
from tests.contract.on_bluesky import CALLBACK, AppDocuments, OnBluesky, bluesky_at
from tests.contract.on_graph import OnGraph
from tests.contract.on_instagram import OnInstagram
from tests.contract.on_linkedin import OnLinkedIn
from tests.contract.on_managed import OnManaged
from tests.contract.on_mastodon import HOST, OnMastodon
from tests.contract.on_pinterest import OnPinterest
from tests.contract.on_platform import OnPlatform
from tests.contract.on_sms import OnSMS
from tests.contract.on_threads import NOT_FOUND
from tests.contract.on_tiktok import OnTikTok
from tests.contract.on_youtube import OnYouTube
from tests.tiers import exhaustive

from presswork.media.convert_image import convert_image
from presswork.media.convert_video import convert_video
from presswork.media.preview_pictures import write_still
from presswork.media.probe import probe
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.platforms.facebook_pages.description import Endpoints as FacebookPagesEndpoints
from presswork.platforms.facebook_pages.plugin import facebook_pages
from presswork.platforms.instagram.description import ENGAGE, Endpoints, FacebookEndpoints
from presswork.platforms.instagram.plugin import instagram, instagram_by_facebook
from presswork.platforms.linkedin.api import Endpoints as LinkedInEndpoints
from presswork.platforms.linkedin.description import OF_SANDBOX
from presswork.platforms.linkedin.plugin import linkedin
from presswork.platforms.mastodon.api import Endpoints as MastodonEndpoints
from presswork.platforms.mastodon.plugin import mastodon
from presswork.platforms.pinterest.api import Endpoints as PinterestEndpoints
from presswork.platforms.pinterest.plugin import pinterest
from presswork.platforms.port import AppCredentials, LoginName, Media, Platform, RetryPolicy, Timeouts
from presswork.platforms.sms.messages import SenderAccess
from presswork.platforms.telegram.api import Endpoints as TelegramEndpoints
from presswork.platforms.telegram.plugin import telegram
from presswork.platforms.threads.description import Endpoints as ThreadsEndpoints
from presswork.platforms.threads.plugin import threads
from presswork.platforms.tiktok.api import Endpoints as TikTokEndpoints
from presswork.platforms.tiktok.plugin import tiktok
from presswork.platforms.tiktok.video import ChunkRule
from presswork.platforms.transport import Transport
from presswork.platforms.x.api import Endpoints as XEndpoints
from presswork.platforms.x.plugin import x
from presswork.platforms.youtube.api import Endpoints as YouTubeEndpoints
from presswork.platforms.youtube.plugin import youtube
from presswork.platforms.youtube.prepare import CHUNK_UNIT


@pytest.fixture(scope="session")
async def sandbox_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SandboxApp]:
    """The sandbox of the session, on the event loop of the tests."""
    async with SandboxApp(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3") as app:
        yield app


@pytest.fixture
async def sandbox(sandbox_app: SandboxApp) -> SandboxControl:
    """The control surface of an empty sandbox."""
    control = SandboxControl(sandbox_app.address, InProcessClient(sandbox_app))
    await sandbox_app.end_late_calls()
    await control.reset()
    return control


@pytest.fixture
def open_transport(sandbox_app: SandboxApp) -> OpenTransport:
    """Open the HTTP client of a platform: calls to the sandbox use no socket."""
    return partial(InProcessTransport, sandbox_app)


@pytest.fixture
def clock(sandbox: SandboxControl) -> JumpingClock:
    """A clock whose waits advance it at once, together with the sandbox's clock."""
    return JumpingClock(sandbox.advance)


@pytest.fixture(scope="session")
async def running_media_host() -> AsyncIterator[MediaHost]:
    """The host that serves media to the sandbox, for the session."""
    async with MediaHost() as host:
        yield host


@pytest.fixture
def media_host(running_media_host: MediaHost) -> Iterator[MediaHost]:
    """The same, without media of other tests."""
    yield running_media_host
    running_media_host.clear()


@pytest.fixture(scope="session")
def sample_clip() -> Sample:
    """A four-second vertical video, made once."""
    return clip()


@pytest.fixture(scope="session")
def wide_clip() -> Sample:
    """A four-second landscape video, made once."""
    return clip(width=1280, height=720)


@pytest.fixture
def retry_policy() -> RetryPolicy:
    """The retry policy of test projects; waits only advance the clock, so they cost no time."""
    return RetryPolicy(
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=20),
        processing_limit=timedelta(minutes=10),
        republish_after=timedelta(seconds=2),
        unknown_after=timedelta(minutes=2),
        backoff_first=timedelta(seconds=1),
        backoff_max=timedelta(seconds=30),
        fault_limit=timedelta(minutes=5),
        timeouts=Timeouts(call=timedelta(seconds=5), upload=timedelta(seconds=20)),
    )


async def converted(media: Media, body: bytes, spec: ImageSpec | VideoSpec | StillSpec) -> tuple[bytes, str]:
    """Return the bytes and content type to publish: the original where it conforms to the spec, else a copy."""
    return await asyncio.to_thread(_converted, media, body, spec)


def _converted(media: Media, body: bytes, spec: ImageSpec | VideoSpec | StillSpec) -> tuple[bytes, str]:
    if not spec.needs_conversion(probe(body)):
        return body, media.content_type
    if isinstance(spec, ImageSpec):
        return convert_image(body, spec), spec.content_type.value
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "target.mp4")
        source.write_bytes(body)
        if isinstance(spec, StillSpec):
            write_still(source, target, spec.at_ms)
            return target.read_bytes(), spec.content_type.value
        convert_video(source, target, spec)
        return target.read_bytes(), "video/mp4"


def _by_instagram(sandbox: SandboxControl, transport: Transport, retry_policy: RetryPolicy) -> Platform:
    return instagram(
        endpoints=Endpoints(
            graph=sandbox.host("graph.instagram.com"),
            api=sandbox.host("api.instagram.com"),
            www=sandbox.host("www.instagram.com"),
        ),
        app=AppCredentials(client_id="1234567890", client_secret="app-secret"),
        retry_policy=retry_policy,
        transport=transport,
        api_version="v25.0",
    )


def _by_facebook(sandbox: SandboxControl, transport: Transport, retry_policy: RetryPolicy) -> Platform:
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(
            graph=sandbox.host("graph.facebook.com"),
            www=sandbox.host("www.facebook.com"),
            upload=sandbox.host("rupload.facebook.com"),
        ),
        app=AppCredentials(client_id="1234567890", client_secret="app-secret"),
        retry_policy=retry_policy,
        transport=transport,
        api_version="v25.0",
        extra_permissions=(ENGAGE,),  # for likes of comments
    )


_LOGINS: Final = {LoginName.INSTAGRAM: _by_instagram, LoginName.FACEBOOK: _by_facebook}


@asynccontextmanager
async def _opened(
    login: LoginName,
    sandbox: SandboxControl,
    clock: JumpingClock,
    host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnInstagram]:
    async with open_transport(name=login.value) as transport:

        def open_platform(retry_policy: RetryPolicy) -> Platform:
            return _LOGINS[login](sandbox, transport, retry_policy)

        yield OnInstagram(
            name="instagram",
            operations={"create": "media", "publish": "media_publish", "quota": "content_publishing_limit"},
            lost=code(24, 2207008),
            sandbox=sandbox,
            platform=open_platform(retry_policy),
            open_platform=open_platform,
            clock=clock,
            host=host,
            retry_policy=retry_policy,
            convert=converted,
        )


@asynccontextmanager
async def _opened_threads(
    sandbox: SandboxControl,
    clock: JumpingClock,
    host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnGraph]:
    async with open_transport(name="threads") as transport:

        def open_platform(retry_policy: RetryPolicy) -> Platform:
            return threads(
                endpoints=ThreadsEndpoints(graph=sandbox.host("graph.threads.net"), www=sandbox.host("threads.com")),
                app=AppCredentials(client_id="1234567890", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
            )

        yield OnGraph(
            name="threads",
            operations={"create": "threads", "publish": "threads_publish", "quota": "threads_publishing_limit"},
            lost=NOT_FOUND,
            sandbox=sandbox,
            platform=open_platform(retry_policy),
            open_platform=open_platform,
            clock=clock,
            host=host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture(params=[LoginName.INSTAGRAM, LoginName.THREADS], ids=str)
async def on_graph(
    request: pytest.FixtureRequest,
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnGraph]:
    """Each connector behind Graph that publishes by containers, against the sandbox.

    What Facebook Login changes of it, the host and the upload of videos, is in test_instagram_by_facebook.py.
    """
    opened = (
        _opened_threads(sandbox, clock, media_host, retry_policy, open_transport)
        if request.param is LoginName.THREADS
        else _opened(request.param, sandbox, clock, media_host, retry_policy, open_transport)
    )
    async with opened as bench:
        yield bench


@pytest.fixture
async def on_threads(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnGraph]:
    """The Threads connector against the sandbox."""
    async with _opened_threads(sandbox, clock, media_host, retry_policy, open_transport) as bench:
        yield bench


@pytest.fixture
async def on_facebook(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnGraph]:
    """The connector of Facebook Pages against the sandbox."""
    async with open_transport(name="facebook_pages") as transport:

        def open_platform(retry_policy: RetryPolicy) -> Platform:
            return facebook_pages(
                endpoints=FacebookPagesEndpoints(
                    graph=sandbox.host("graph.facebook.com"),
                    www=sandbox.host("www.facebook.com"),
                    upload=sandbox.host("rupload.facebook.com"),
                    video=sandbox.host("graph-video.facebook.com"),
                ),
                app=AppCredentials(client_id="1234567890", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
                api_version="v26.0",
            )

        yield OnGraph(
            name="facebook",
            operations={},
            lost=code(100),
            sandbox=sandbox,
            platform=open_platform(retry_policy),
            open_platform=open_platform,
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture(params=[LoginName.INSTAGRAM, *exhaustive([LoginName.FACEBOOK])], ids=str)
async def on_instagram(
    request: pytest.FixtureRequest,
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnInstagram]:
    """The Instagram connector against the sandbox, with each of its logins.

    What Facebook Login changes, the login and the upload of videos, is in test_instagram_by_facebook.py.
    """
    async with _opened(request.param, sandbox, clock, media_host, retry_policy, open_transport) as bench:
        yield bench


@pytest.fixture
async def by_instagram(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnInstagram]:
    """The same with Instagram Login only."""
    async with _opened(LoginName.INSTAGRAM, sandbox, clock, media_host, retry_policy, open_transport) as bench:
        yield bench


@pytest.fixture
async def by_facebook(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnInstagram]:
    """The same with Facebook Login only."""
    async with _opened(LoginName.FACEBOOK, sandbox, clock, media_host, retry_policy, open_transport) as bench:
        yield bench


@pytest.fixture
async def on_tiktok(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnTikTok]:
    """The TikTok connector against the sandbox; it divides files at 5 MB, the minimum that TikTok allows."""
    async with open_transport(name="tiktok") as transport:
        yield OnTikTok(
            sandbox=sandbox,
            platform=tiktok(
                endpoints=TikTokEndpoints(
                    api_url=sandbox.host("open.tiktokapis.com"), www_url=sandbox.host("www.tiktok.com")
                ),
                app=AppCredentials(client_id="aw1234567890", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
                chunks=ChunkRule(single_max_bytes=5_000_000, chunk_bytes=5_000_000),
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_youtube(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnYouTube]:
    """The YouTube connector against the sandbox, with the smallest chunks that Google allows."""
    async with open_transport(name="youtube") as transport:
        yield OnYouTube(
            sandbox=sandbox,
            platform=youtube(
                endpoints=YouTubeEndpoints(
                    accounts_url=sandbox.host("accounts.google.com"),
                    oauth_url=sandbox.host("oauth2.googleapis.com"),
                    api_url=sandbox.host("www.googleapis.com"),
                    analytics_url=sandbox.host("youtubeanalytics.googleapis.com"),
                ),
                app=AppCredentials(client_id="1234.apps.googleusercontent.com", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
                chunk_bytes=CHUNK_UNIT,
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_bluesky(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnBluesky]:
    """The Bluesky connector against the sandbox."""
    async with AppDocuments() as documents, open_transport(name="bluesky") as transport:
        yield OnBluesky(
            redirect_uri=f"{documents.address}{CALLBACK}",
            sandbox=sandbox,
            platform=bluesky_at(sandbox, documents, transport, retry_policy, clock.now),
            clock=clock,
            host=media_host,
            documents=documents,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_mastodon(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnMastodon]:
    """The Mastodon connector against the sandbox."""
    async with open_transport(name="mastodon") as transport:
        yield OnMastodon(
            sandbox=sandbox,
            platform=mastodon(
                endpoints=MastodonEndpoints(api_url=sandbox.host(HOST), is_live=False),
                retry_policy=retry_policy,
                transport=transport,
                now=clock.now,
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_x(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnPlatform]:
    """The X connector against the sandbox, where apps may reply to everyone."""
    await sandbox.x(summonedReplies=False)
    async with open_transport(name="x") as transport:
        yield OnPlatform(
            name="x",
            redirect_uri="http://127.0.0.1/oauth/callback/x",
            caption="Fresh from the press: #paper, crème brûlée & 🗞️ (bread.example)",
            sandbox=sandbox,
            platform=x(
                endpoints=XEndpoints(api_url=sandbox.host("api.x.com"), www_url=sandbox.host("x.com")),
                app=AppCredentials(client_id="1234567890", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_telegram(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnPlatform]:
    """The Telegram connector against the sandbox."""
    async with open_transport(name="telegram") as transport:
        yield OnPlatform(
            name="telegram",
            redirect_uri="http://127.0.0.1/oauth/callback/r",
            caption="Fresh from the press: #paper, crème brûlée & 🗞️ <b> https://example.com",
            sandbox=sandbox,
            platform=telegram(
                endpoints=TelegramEndpoints(
                    api_url=sandbox.host("api.telegram.org"),
                    page_url=sandbox.host("oauth.telegram.org/auth"),
                    is_live=False,
                ),
                app=AppCredentials(client_id="4711", client_secret="bot-secret"),
                retry_policy=retry_policy,
                transport=transport,
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@pytest.fixture
async def on_pinterest(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnPinterest]:
    """The Pinterest connector against the sandbox."""
    async with open_transport(name="pinterest") as transport:
        yield OnPinterest(
            sandbox=sandbox,
            platform=pinterest(
                endpoints=PinterestEndpoints(
                    www_url=sandbox.host("www.pinterest.com"), api_url=sandbox.host("api.pinterest.com")
                ),
                app=AppCredentials(client_id="1234", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
            ),
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
            convert=converted,
        )


@asynccontextmanager
async def _linkedin(
    sandbox: SandboxControl,
    clock: JumpingClock,
    host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
    *,
    is_page: bool,
) -> AsyncIterator[OnLinkedIn]:
    async with open_transport(name="linkedin") as transport:
        yield OnLinkedIn(
            sandbox=sandbox,
            platform=linkedin(
                endpoints=LinkedInEndpoints(
                    www_url=sandbox.host("www.linkedin.com"), api_url=sandbox.host("api.linkedin.com")
                ),
                app=AppCredentials(client_id="86abcdef", client_secret="app-secret"),
                retry_policy=retry_policy,
                transport=transport,
                version="202609",
                permissions=OF_SANDBOX,
            ),
            clock=clock,
            host=host,
            retry_policy=retry_policy,
            convert=converted,
            is_page=is_page,
        )


@pytest.fixture(params=[True, *exhaustive([False])], ids=["page", "member"])
async def on_linkedin(
    request: pytest.FixtureRequest,
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnLinkedIn]:
    """The LinkedIn connector against the sandbox, as a page and as a member, which differ in what can be looked up."""
    async with _linkedin(sandbox, clock, media_host, retry_policy, open_transport, is_page=request.param) as bench:
        yield bench


@pytest.fixture(params=[False, True], ids=["member", "page"])
async def as_either(
    request: pytest.FixtureRequest,
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnLinkedIn]:
    """The same for tests in which a member and a page end differently."""
    async with _linkedin(sandbox, clock, media_host, retry_policy, open_transport, is_page=request.param) as bench:
        yield bench


@pytest.fixture
async def as_member(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnLinkedIn]:
    """The same as a member only."""
    async with _linkedin(sandbox, clock, media_host, retry_policy, open_transport, is_page=False) as bench:
        yield bench


@pytest.fixture
async def as_page(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnLinkedIn]:
    """The same as a page only."""
    async with _linkedin(sandbox, clock, media_host, retry_policy, open_transport, is_page=True) as bench:
        yield bench


@pytest.fixture
async def on_sms(
    sandbox: SandboxControl, media_host: MediaHost, retry_policy: RetryPolicy, open_transport: OpenTransport
) -> AsyncIterator[OnSMS]:
    """Text messages, and Instagram's drafts by them, against the sandbox; waits last until it has fetched the media."""

    async def move(duration: timedelta) -> None:
        await sandbox.advance(duration)
        for _ in range(100):
            texts = await sandbox.messages()
            if all(text["status"] == "failed" or len(text["media"]) == len(text["mediaUrls"]) for text in texts):  # type: ignore[arg-type]  # lists
                return

    clock = JumpingClock(move)
    access = SenderAccess(
        api_url=sandbox.host("api.twilio.com"), account_sid="AC1", auth_token="token", sender="+15005550006"
    )
    async with open_transport(name="sms") as transport:
        yield OnSMS(
            sandbox=sandbox,
            access=access,
            transport=transport,
            clock=clock,
            host=media_host,
            retry_policy=retry_policy,
        )


@pytest.fixture
async def on_managed(
    sandbox: SandboxControl,
    clock: JumpingClock,
    media_host: MediaHost,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> AsyncIterator[OnManaged]:
    """The connector against the sandbox's provider."""
    async with open_transport(name="provider") as transport:
        yield OnManaged(sandbox=sandbox, transport=transport, clock=clock, host=media_host, retry_policy=retry_policy)
