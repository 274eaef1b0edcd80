"""The sandbox as an ASGI app: every platform host is a path below it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from presswork_sandbox.access import Access, AccessGuard
from presswork_sandbox.app_control import AppControl
from presswork_sandbox.bluesky.platform import open_bluesky
from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.comment_control import CommentControl
from presswork_sandbox.control import Control
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.platform import open_facebook
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.instagram.platform import open_instagram
from presswork_sandbox.late_effects import REPUBLISH_AFTER, LateEffects, LateEffectsMiddleware
from presswork_sandbox.linkedin.platform import open_linkedin
from presswork_sandbox.mastodon.platform import open_mastodon
from presswork_sandbox.numbers_control import NumbersControl
from presswork_sandbox.pages import Pages
from presswork_sandbox.pinterest.platform import open_pinterest
from presswork_sandbox.provider.control import ProviderControl
from presswork_sandbox.provider.dispatches import Dispatches
from presswork_sandbox.provider.hosts import ProviderHost
from presswork_sandbox.sms.control import MessagesControl
from presswork_sandbox.sms.hosts import TwilioHost
from presswork_sandbox.sms.messages import Messages
from presswork_sandbox.threaded_app import ThreadedApp
from presswork_sandbox.threads.platform import open_threads
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.tiktok.platform import open_tiktok
from presswork_sandbox.tiktok.webhooks import Webhooks
from presswork_sandbox.webhook_control import WebhookControl
from presswork_sandbox.webhooks import CommentWebhooks
from presswork_sandbox.youtube.platform import open_youtube


def create_app(
    state_file: Path,
    *,
    access: Access = Access(),  # noqa: B008  frozen
    is_seed_random: bool = False,
    with_sample_accounts: bool = False,
    republish_after: timedelta = REPUBLISH_AFTER,
) -> ThreadedApp:
    """Return the app to be mounted at /sandbox, its state in `state_file` and a folder beside it.

    `access` says who may call it. With `is_seed_random`, ids and tokens can't be predicted; without, a new state file gives
    the same ones in every run. With `with_sample_accounts`, a new state file has a few accounts to choose from; without, it is
    empty. `republish_after` is how long clients wait after a lost response before they repeat the call: late effects come a second
    before. The app works in a thread, on an event loop of that thread. A mounted app receives no
    lifespan events: the caller awaits `close()` at shutdown. Raises StateFileBusy while another process (or another app in
    this one) has the state open.
    """

    def build() -> tuple[Starlette, Callable[[], Awaitable[None]]]:
        sandbox = Sandbox(state_file, is_seed_random=is_seed_random, with_sample_accounts=with_sample_accounts)
        return _routes(sandbox, access, republish_after), sandbox.close

    return ThreadedApp(build)


def _routes(sandbox: Sandbox, access: Access, republish_after: timedelta = REPUBLISH_AFTER) -> Starlette:
    late_effects = LateEffects(sandbox, republish_after)
    callbacks = Callbacks(sandbox)
    webhooks, comment_webhooks = Webhooks(sandbox, callbacks), CommentWebhooks(sandbox, callbacks)
    jobs = Jobs(sandbox, webhooks)
    messages = Messages(sandbox, callbacks)
    router = ControlRouter(sandbox)
    pages = Pages(sandbox, jobs, messages)
    containers = Containers(sandbox)
    platforms = [
        open_instagram(sandbox, pages, containers, comment_webhooks),
        open_tiktok(sandbox, pages, router, jobs, webhooks),
        open_threads(sandbox, pages, comment_webhooks),
        open_youtube(sandbox, pages, router),
        open_facebook(sandbox, pages, containers, comment_webhooks),
        open_linkedin(sandbox, pages, router, comment_webhooks),
        open_bluesky(sandbox, pages),
        open_pinterest(sandbox, pages, router),
        open_mastodon(sandbox, pages, router),  # the last one: its routes take any host
    ]
    for platform in platforms:
        pages.add(platform)
    by_name = {platform.name: platform for platform in platforms}
    dispatches = Dispatches(sandbox, callbacks, by_name)
    control = [
        *Control(sandbox, router, callbacks, late_effects, by_name).routes,
        *AppControl(sandbox, router).routes,
        *CommentControl(sandbox, router, by_name).routes,
        *WebhookControl(sandbox, router, callbacks, comment_webhooks).routes,
        *(route for platform in platforms for route in platform.control),
        *NumbersControl(sandbox, router).routes,
        *MessagesControl(sandbox, router, messages).routes,
        *ProviderControl(sandbox, router, dispatches).routes,
    ]
    return Starlette(
        routes=[
            *(route for platform in platforms for route in platform.routes),
            Mount("/api.twilio.com", TwilioHost(sandbox, messages)),
            Mount("/provider", ProviderHost(sandbox, dispatches)),
            Mount("/control", routes=control),
            *pages.routes,
        ],
        middleware=[
            Middleware(AccessGuard, access, pages.refused),
            Middleware(LateEffectsMiddleware, late_effects),
        ],
    )


def create_standalone_app(
    state_file: Path,
    *,
    access: Access = Access(),  # noqa: B008  frozen
    is_seed_random: bool = False,
    with_sample_accounts: bool = False,
    republish_after: timedelta = REPUBLISH_AFTER,
) -> Starlette:
    """Return the sandbox served alone, under the same paths; it closes its state when the server stops. See `create_app`.

    Raises StateFileBusy.
    """
    inner = create_app(
        state_file,
        access=access,
        is_seed_random=is_seed_random,
        with_sample_accounts=with_sample_accounts,
        republish_after=republish_after,
    )

    async def to_sandbox(request: Request) -> Response:
        _ = request
        return RedirectResponse("/sandbox/", 302)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        _ = app
        yield
        await inner.close()

    return Starlette(routes=[Route("/", to_sandbox), Mount("/sandbox", inner)], lifespan=lifespan)
