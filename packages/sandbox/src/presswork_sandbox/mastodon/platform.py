"""Mastodon in an open sandbox."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.mastodon.api import API
from presswork_sandbox.mastodon.facts import FACTS
from presswork_sandbox.mastodon.hosts import MastodonHost
from presswork_sandbox.mastodon.media import Media
from presswork_sandbox.mastodon.oauth import Apps, MastodonFlow, OAuth
from presswork_sandbox.mastodon.rules import MastodonControl, Rules
from presswork_sandbox.mastodon.statuses import MastodonThread, Statuses, permalink, read_id
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation

DEFAULT_HOST: Final = "mastodon.social"
"""The server of posts that a managed provider publishes."""


class _Window:
    """/oauth/authorize of every server, as an ASGI app."""

    def __init__(self, sandbox: Sandbox, pages: Pages, apps: Apps, rules: Rules) -> None:
        self._sandbox = sandbox
        self._pages = pages
        self._apps = apps
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the page of one server."""
        host = str(scope["path_params"]["host"]).lower()
        flow = MastodonFlow(self._sandbox, self._apps, self._rules.of(host), host)
        await Consent(self._sandbox, self._pages, flow, self._apps.name_of)(scope, receive, send)


def open_mastodon(sandbox: Sandbox, pages: Pages, router: ControlRouter) -> OpenPlatform:
    """Return Mastodon. Its routes take any host, so they come after those of all other platforms."""
    apps, rules, media = Apps(sandbox), Rules(sandbox.platform_settings), Media(sandbox)
    statuses = Statuses(sandbox, media)
    host = MastodonHost(sandbox, apps, OAuth(sandbox, apps, rules), rules, API(sandbox, apps, media, statuses))
    window = _Window(sandbox, pages, apps, rules)

    def new_location(account: Account, _kind: str) -> PostLocation:
        number = statuses.new_id()
        return PostLocation(external_id=str(number), url=permalink(DEFAULT_HOST, account.handle, number))

    def remove(external_id: str, handle: str | None) -> bool:
        number = read_id(external_id)
        status = None if number is None else statuses.at(number)
        if status is None:  # a managed provider published it, or there is none
            return sandbox.posts.take_down(FACTS.name, external_id, handle, sandbox.clock.now()) is not None
        if handle is not None and handle.lower() != status.handle.lower():
            return False
        statuses.remove(status)
        return True

    async def to_feed(request: Request) -> Response:
        return RedirectResponse(f"/sandbox/feed/{FACTS.name}/{request.path_params['handle']}", 302)

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            *(Route(f"/{{host:server}}/oauth/authorize{end}", window) for end in ("", "/")),
            *(Route(f"/{{host:server}}/{start}/{{rest:path}}", host) for start in ("api", "oauth", ".well-known")),
            *pages.posts(statuses.find_shown, "/{host:server}/@{handle}/{status_id}"),
            Route("/{host:server}/@{handle}", to_feed),
        ],
        details_of=lambda post, _assets: statuses.details_of(post),
        fields_of=lambda post: {"replyTo": post.params["in_reply_to_id"]} if post.params.get("in_reply_to_id") else {},
        new_location=new_location,
        replies_of=statuses.own_replies,
        other_replies=statuses.other_replies,
        remove=remove,
        thread=MastodonThread(sandbox, statuses),
        control=MastodonControl(router, rules).routes,
    )
