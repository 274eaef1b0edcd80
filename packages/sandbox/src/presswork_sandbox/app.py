"""The sandbox as an ASGI app: every platform host is a path below it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.consent import Consent
from presswork_sandbox.control import Control
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.hosts import FacebookHost
from presswork_sandbox.facebook.oauth import FacebookFlow
from presswork_sandbox.facebook.people import People
from presswork_sandbox.facebook.rupload import UploadHost as ResumableHost
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.instagram.flow import InstagramFlow
from presswork_sandbox.instagram.hosts import ApiHost, GraphHost
from presswork_sandbox.pages import Pages
from presswork_sandbox.provider.control import ProviderControl
from presswork_sandbox.provider.dispatches import Dispatches
from presswork_sandbox.provider.hosts import ProviderHost
from presswork_sandbox.sms.control import MessagesControl
from presswork_sandbox.sms.hosts import TwilioHost
from presswork_sandbox.sms.messages import Messages
from presswork_sandbox.tiktok.control import TikTokControl
from presswork_sandbox.tiktok.hosts import OpenHost
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.tiktok.oauth import TikTokFlow
from presswork_sandbox.tiktok.upload import UploadHost
from presswork_sandbox.tiktok.webhooks import Webhooks


def create_app(state_file: Path) -> Starlette:
    """Return the app to be mounted at /sandbox, its state in `state_file` and a folder beside it.

    A mounted app receives no lifespan events: the caller awaits `app.state.sandbox.close()` at shutdown.
    Raises StateFileBusy while another process (or another app in this one) has the state open.
    """
    sandbox = Sandbox(state_file)
    callbacks = Callbacks(sandbox)
    webhooks = Webhooks(sandbox, callbacks)
    jobs = Jobs(sandbox, webhooks)
    messages = Messages(sandbox, callbacks)
    dispatches = Dispatches(sandbox, callbacks)
    router = ControlRouter(sandbox)
    control = [
        *Control(sandbox, router, callbacks).routes,
        *TikTokControl(sandbox, router, jobs, webhooks, callbacks).routes,
        *MessagesControl(sandbox, router, messages).routes,
        *ProviderControl(sandbox, router, dispatches).routes,
    ]
    pages = Pages(sandbox, jobs, messages)
    containers = Containers(sandbox)
    people = People(sandbox)
    facebook_consent = Consent(sandbox, pages, FacebookFlow(people))
    instagram_consent = Consent(sandbox, pages, InstagramFlow())
    tiktok_consent = Consent(sandbox, pages, TikTokFlow())
    app = Starlette(
        routes=[
            Mount("/graph.instagram.com", GraphHost(sandbox, containers)),
            Mount("/graph.facebook.com", FacebookHost(sandbox, containers, people)),
            Mount("/rupload.facebook.com", ResumableHost(sandbox, containers, people)),
            Mount("/api.instagram.com", ApiHost(sandbox, instagram_consent)),
            Mount("/open.tiktokapis.com", OpenHost(sandbox, jobs, webhooks)),
            Mount("/open-upload.tiktokapis.com", UploadHost(sandbox, jobs)),
            Route("/www.instagram.com/oauth/authorize", instagram_consent),
            Route("/www.instagram.com/oauth/authorize/", instagram_consent),
            *(
                Route(f"/www.facebook.com{version}/dialog/oauth{end}", facebook_consent)
                for version in ("", "/{version}")
                for end in ("", "/")
            ),
            Route("/www.tiktok.com/v2/auth/authorize", tiktok_consent),
            Route("/www.tiktok.com/v2/auth/authorize/", tiktok_consent),
            Mount("/api.twilio.com", TwilioHost(sandbox, messages)),
            Mount("/provider", ProviderHost(sandbox, dispatches)),
            Mount("/control", routes=control),
            *pages.routes,
        ]
    )
    app.state.sandbox = sandbox
    return app


def create_standalone_app(state_file: Path) -> Starlette:
    """Return the sandbox served alone, under the same paths; it closes its state when the server stops.

    Raises StateFileBusy.
    """
    inner = create_app(state_file)

    async def to_sandbox(request: Request) -> Response:
        _ = request
        return RedirectResponse("/sandbox/", 302)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        _ = app
        yield
        await inner.state.sandbox.close()

    return Starlette(routes=[Route("/", to_sandbox), Mount("/sandbox", inner)], lifespan=lifespan)
