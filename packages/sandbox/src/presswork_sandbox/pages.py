"""Pages for people: who the fake accounts are, what they posted, and each post by its own URL. No script, no CDN."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.cards import Cards, shown_time
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.platform import OpenPlatform
from presswork_sandbox.posts import Post
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.sms.messages import Messages, TextMessage
from presswork_sandbox.tiktok.jobs import Job, Jobs

TEMPLATES: Final = Path(__file__).with_name("templates")
HUES: Final = 360
ACCOUNTS_SHOWN: Final = 1000
FEED_POSTS: Final = 200
PHONE_MESSAGES: Final = 500
HEADERS: Final = {
    # Nothing but what the page itself brings may load or run. A form may lead to any redirect URI of a login.
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; form-action *; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send forms with the Origin "null"
}
"""Headers of every page."""
_NO_SNIFFING: Final = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One text message on the phone page."""

    message: TextMessage
    assets: Sequence[Asset]
    when: str


def hue_of(handle: str) -> int:
    """Return a colour for a handle, 0 to 359 degrees, always the same one."""
    return sum(ord(letter) * (place + 7) for place, letter in enumerate(handle.lower())) * 37 % HUES


def avatar(handle: str) -> str:
    """Return a round picture of the handle's first letter, as SVG."""
    hue = hue_of(handle)
    letter = escape(handle[:1].upper() or "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><defs><linearGradient id="g" x1="0" y1="0" x2="1"'
        f' y2="1"><stop offset="0" stop-color="hsl({hue} 70% 58%)"/><stop offset="1" stop-color="hsl({(hue + 50) % HUES}'
        ' 72% 42%)"/></linearGradient></defs><rect width="96" height="96" rx="48" fill="url(#g)"/><text x="48" y="50"'
        ' dominant-baseline="central" text-anchor="middle" font-family="system-ui,sans-serif" font-size="44"'
        f' font-weight="600" fill="#fff">{letter}</text></svg>'
    )


class Pages:
    """Routes below /sandbox that return HTML, and the media on those pages."""

    def __init__(self, sandbox: Sandbox, jobs: Jobs, messages: Messages) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self._messages = messages
        self._platforms: Final[dict[str, OpenPlatform]] = {}
        self._cards = Cards(sandbox, self._platforms)
        self._templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
        icon = (TEMPLATES / "favicon.svg").read_bytes()
        self._templates.globals["icon"] = b64encode(icon).decode()
        self._templates.globals["facts"] = PLATFORMS
        self.routes: Final[list[BaseRoute]] = [
            Route("/", self._index),
            Route("/feed/{platform}/{handle}", self._feed),
            Route("/phone", self._phone),
            Route("/drafts/{publish_id}/publish", self._post_draft, methods=["POST"]),
            Route("/drafts/{publish_id}/discard", self._discard_draft, methods=["POST"]),
            Route("/media/poster/{number:row}.jpg", self._poster),
            Route("/media/avatar/{handle}.svg", self._avatar),
            Route("/media/{name}", self._copy),
        ]

    def add(self, platform: OpenPlatform) -> None:
        """Show the posts of a platform on the pages."""
        self._platforms[platform.name] = platform

    def render(self, name: str, **values: object) -> str:
        """Fill in a template; everything is escaped."""
        return self._templates.get_template(name).render(root="/sandbox", **values)

    def page(self, name: str, status: int = 200, **values: object) -> Response:
        """Return a filled-in template that no other site may frame."""
        return HTMLResponse(self.render(name, **values), status, headers=HEADERS)

    def refused(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        platform: str = "",
        back: str | None = None,
        sees_accounts: bool = False,
    ) -> Response:
        """Return the page for a login that can't begin, with a link to the app (`back`), or to what the visitor may see."""
        page = self.page(
            "refused.html", status, message=message, platform=platform, back=back, sees_accounts=sees_accounts
        )
        page.headers.update(headers)
        return page

    def _render_missing(self, message: str) -> Response:
        return self.page("missing.html", 404, message=message)

    async def _index(self, request: Request) -> Response:
        _ = request
        self._sandbox.resume_work()
        self._sandbox.run_due()
        counts = self._sandbox.posts.counts()
        listed = islice(self._sandbox.accounts.offered(), ACCOUNTS_SHOWN)
        accounts = sorted(listed, key=lambda account: (account.handle.lower(), account.id))
        return self.page("index.html", accounts=accounts, counts=counts)

    async def _feed(self, request: Request) -> Response:
        self._sandbox.resume_work()
        self._sandbox.run_due()
        platform, handle = request.path_params["platform"], request.path_params["handle"]
        account = self._sandbox.accounts.by_handle(platform, handle)
        if account is None:
            return self._render_missing(f"There is no {platform} account @{handle} in this sandbox.")
        return self._show_feed(account)

    def _show_feed(self, account: Account) -> Response:
        cards = [self._cards.of(post) for post in self._list_live_posts(account)]
        return self.page("feed.html", account=account, cards=cards, drafts=self._drafts(account))

    def _list_live_posts(self, account: Account) -> Sequence[Post]:
        stories = self._sandbox.posts.of_account(account.id, stories=True, max_count=FEED_POSTS)
        feed = self._sandbox.posts.of_account(account.id, max_count=FEED_POSTS)
        return sorted([*stories, *feed], key=lambda post: post.id, reverse=True)[:FEED_POSTS]

    def _drafts(self, account: Account) -> Sequence[tuple[Job, Sequence[Asset], str]]:
        assets = self._sandbox.media_store.assets
        return [(job, assets(job.asset_ids), shown_time(job.created_at)) for job in self._jobs.inbox(account)]

    async def _phone(self, request: Request) -> Response:
        """Text messages by number, and drafts in TikTok inboxes."""
        _ = request
        self._sandbox.resume_work()
        self._sandbox.run_due()
        threads: dict[str, list[Bubble]] = {}
        for message in self._messages.newest(PHONE_MESSAGES):
            threads.setdefault(message.to_number, []).append(
                Bubble(
                    message=message,
                    assets=self._sandbox.media_store.assets(message.asset_ids),
                    when=shown_time(message.created_at),
                )
            )
        inboxes = [
            (account, self._drafts(account))
            for account in islice(self._sandbox.accounts.listed("tiktok"), ACCOUNTS_SHOWN)
        ]
        return self.page(
            "phone.html", threads=threads, inboxes=[(account, drafts) for account, drafts in inboxes if drafts]
        )

    def profile(self, platform: str, *paths: str) -> Sequence[BaseRoute]:
        """Return routes for an account's URL at its platform, with a parameter `handle`: it leads to the feed."""

        async def to_feed(request: Request) -> Response:
            return RedirectResponse(f"/sandbox/feed/{platform}/{request.path_params['handle']}", 302)

        return [Route(path, to_feed) for path in paths]

    def posts(self, find: Callable[[Mapping[str, str]], Post | None], *paths: str) -> Sequence[BaseRoute]:
        """Return routes for the URLs of posts, of which `find` returns the post, from the parameters of the path."""

        async def show(request: Request) -> Response:
            self._sandbox.resume_work()
            self._sandbox.run_due()
            return self.show_post(find(request.path_params))

        return [Route(path, show) for path in paths]

    def show_post(self, post: Post | None) -> Response:
        """Return the page of a post, or the page for one that is not there.

        What its author replied is below it, with its media, as the parts of a thread are.
        """
        account = None if post is None else self._sandbox.accounts.by_id(post.account_id)
        if post is None or account is None:
            return self._render_missing(
                "This post isn't available: it was never published here, or the sandbox was reset."
            )
        parts = [self._cards.of(reply) for reply in self._platforms[post.platform].replies_of(post)]
        shown = {part.post.external_id for part in parts}
        card = self._cards.of(post)
        card = replace(card, comments=[comment for comment in card.comments if comment.id not in shown])
        return self.page("post.html", account=account, card=card, parts=parts)

    async def _post_draft(self, request: Request) -> Response:
        self._sandbox.resume_work()
        job = self._jobs.find(request.path_params["publish_id"])
        account = None if job is None else self._sandbox.accounts.by_id(job.account_id)
        if job is None or account is None or self._jobs.post_draft(job.publish_id) is None:
            return self._render_missing("This draft is not in the inbox any more.")
        self._sandbox.notify()
        return RedirectResponse(f"/sandbox/feed/tiktok/{account.handle}", 303)

    async def _discard_draft(self, request: Request) -> Response:
        self._sandbox.resume_work()
        if not self._jobs.discard_draft(request.path_params["publish_id"]):
            return self._render_missing("This draft is not in the inbox any more.")
        return RedirectResponse("/sandbox/phone", 303)

    async def _poster(self, request: Request) -> Response:
        poster = self._sandbox.media_store.poster(request.path_params["number"])
        if poster is None:
            return Response(status_code=404)
        return Response(poster, media_type="image/jpeg", headers={"Cache-Control": "max-age=3600", **_NO_SNIFFING})

    async def _avatar(self, request: Request) -> Response:
        picture = avatar(request.path_params["handle"])
        # A browser that opens the picture as a document must run nothing in it.
        return Response(
            picture, media_type="image/svg+xml", headers={**_NO_SNIFFING, "Content-Security-Policy": "sandbox"}
        )

    async def _copy(self, request: Request) -> Response:
        copy = self._sandbox.media_store.copy_named(request.path_params["name"])
        return Response(status_code=404) if copy is None else FileResponse(copy, headers=_NO_SNIFFING)
