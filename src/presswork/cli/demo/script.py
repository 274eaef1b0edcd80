"""What `presswork demo` shows: a chapter for each way to publish, written with the Python client.

Start reading at `show_publishing`. A chapter has its own project, makes its calls with `demo.client`, and compares the result
with what the sandbox received. `Demo` has the steps that chapters share.
"""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.cli.client.show import account_name, link_of, styled
from presswork.cli.demo.command import administer, read_server_log
from presswork.cli.output import console, own_command, plain_refusals
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.run.processes import on_stop_signals
from presswork.cli.table import Layout, Table
from presswork.core.errors import Unavailable
from presswork.media.samples import sample_picture, sample_slideshow, sample_video
from presswork_client import Presswork, ScheduledPost, SocialAccount, Target, choices, errors

PHONE: Final = "+12025550143"
_HANDLES: Final[Mapping[choices.PlatformName, Sequence[str]]] = {
    "instagram": ("corner.bakery", "harbour.coffee", "north.cycles"),
    "tiktok": ("cornerbakery", "harbourcoffee", "northcycles"),
    "threads": ("corner_bakery",),
    "facebook": ("corner.bakery",),
    "youtube": ("cornerbakery",),
    "linkedin": ("corner-bakery",),
    "bluesky": ("cornerbakery.bsky.social",),
    "mastodon": ("cornerbakery",),
    "x": ("cornerbakery",),
    "telegram": ("corner_bakery",),
    "pinterest": ("cornerbakery",),
}
_WITHOUT_COMMENTS: Final = frozenset({"tiktok", "telegram", "pinterest"})
"""Platforms without an API for first comments."""
_CAPTIONS: Final = {
    "video": "Fresh out of the oven at six. #bakery",
    "picture": "Cinnamon, butter, patience. #bakery",
    "slideshow": "Three loaves, three days. #bakery",
    "text": "Closed on Monday. On Tuesday there is rye again (written at {:%H:%M:%S}). #bakery",
}
"""The text names its time, since LinkedIn and Facebook refuse one that an account has posted before."""
_TRACK: Final = {
    "id": "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
    "title": "First Snow",
    "author": "The Demo Band",
    "link": "https://www.tiktok.com/music/First-Snow-7301",
}
_COMING_DAYS: Final = ("Rye bread", "Warm rolls", "Seed loaf", "Plum cake", "Lunch soup", "Sunday brioche")
_TIMEOUT_SECONDS: Final = 90
_POLL_SECONDS: Final = 0.15
_MAX_LOG_CHARACTERS: Final = 3000
T = TypeVar("T")


class Unexpected(Unavailable):
    """Something is not as the demo expects; the message says what."""


@dataclass(slots=True, kw_only=True)
class Demo:
    """A running server, the chapter that is shown on it, and the steps that chapters share."""

    folder: Path
    url: str
    http: httpx2.Client
    client: Presswork
    """Its key has all scopes."""
    files: Mapping[str, Sequence[bytes]]
    """The video, the picture and the slideshow; the text has none."""
    keys: dict[str, str]
    began_at: float
    out: Console = field(default_factory=console)
    accounts: dict[str, SocialAccount] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """What each container has: `video`, `picture`, `slideshow` or `text`."""
    project_id: str = ""
    item_counts: dict[str, int] = field(default_factory=dict)
    """How many items the sandbox had before the chapter: the server may have been used before."""

    def show(self, title: str, chapter: Callable[["Demo"], None]) -> bool:
        """Show a chapter in a new project and return whether all is as expected."""
        try:
            self.item_counts = {
                kind: len(self.list_items(kind)) for kind in ("posts", "drafts", "messages", "dispatches")
            }
            self.project_id = self.client.projects.create(name=title, timezone="Europe/Lisbon").id
            chapter(self)
        except (Unavailable, errors.PressworkError, httpx2.HTTPError) as error:
            self.out.print(f"[bold red]{escape(str(error))}[/]")
            return False
        return True

    def create_client(self, name: str, *scopes: Any) -> Presswork:  # Any: the literals of api_keys.create
        """Create an API key with these scopes, and return a client that uses it."""
        self.keys[name] = self.client.api_keys.create(name=name, scopes=scopes).key
        return self.client.with_options(api_key=self.keys[name])

    def connect(self, platform: choices.PlatformName, handle: str, **options: Any) -> str:  # Any: of create_oauth_url
        """Connect a sandbox account by OAuth, where its owner approves at once, and return its id."""
        accounts = self.client.social_accounts
        login = accounts.create_oauth_url(project_id=self.project_id, platform=platform, **options)
        page = httpx2.URL(login.authorize_url).copy_merge_params({"account": handle, "decision": "approve"})
        self.http.get(page, follow_redirects=True).raise_for_status()
        status = accounts.get_oauth_status(state=login.state)
        if status.social_account_id is None:
            raise Unexpected(f"Connecting {platform} @{handle} failed: the login is {status.status} ({status.error}).")
        self.accounts[status.social_account_id] = accounts.get(social_account_id=status.social_account_id)
        return status.social_account_id

    def target(self, platform: choices.PlatformName, handle: str) -> Target:
        """Connect a sandbox account, and return a target for its feed."""
        target = Target(social_account_id=self.connect(platform, handle), mode="publish")
        if platform == "pinterest":  # where each post belongs to a board
            board, *_ = self.client.social_accounts.list_boards(social_account_id=target["social_account_id"])
            target["pinterest_post_settings"] = {"board_id": board.id}
        return target

    def upload(self, client: Presswork, label: str) -> str:
        """Upload the video, the picture or the slideshow, or create the text, and return the id of its container."""
        files, text = self.files.get(label), _CAPTIONS[label].format(datetime.now(UTC))
        if files is None:
            content = client.content.create(project_id=self.project_id, text=text)
        else:
            content = client.content.upload_files(files, project_id=self.project_id, caption=text)
        self.labels[content.id] = label
        return content.id

    def with_comment(self, target: Target, label: str) -> Target:
        """Return a target with a first comment, if its platform has them. It names its time: X refuses what was posted before."""
        if self.accounts[target["social_account_id"]].platform in _WITHOUT_COMMENTS:
            return target
        text = f"Is this {label} your favourite? (Asked at {datetime.now(UTC):%H:%M:%S}.)"
        return {**target, "first_comment_override": text}

    def publish(self, label: str, target: Target) -> str:
        """Upload and publish to one account, and return the id of the post."""
        container_id = self.upload(self.client, label)
        return self.client.publishing.publish_now(container_id=container_id, targets=[target]).scheduled_post_ids[0]

    def follow(self, *post_ids: str) -> Sequence[ScheduledPost]:
        """Wait for posts, print what becomes of them, and return them.

        Raises Unexpected unless all are live (or drafts) and the sandbox has exactly the live ones; before that, prints
        the timeline of each that is not.
        """
        publishing = self.client.publishing
        with suppress(errors.WaitTimeoutError):  # a post that is late is printed with its timeline
            publishing.wait_all(post_ids, timeout_seconds=_TIMEOUT_SECONDS, on_change=self._print_change)
        posts = _poll_until(
            lambda: [publishing.get_post(post_id=post_id) for post_id in post_ids],
            lambda posts: all(map(_has_link_and_comment, posts)),
        )
        columns = ("content", "account", "status", "time", "first comment", "link")
        self.print_table(Table(columns, [self._make_row(post) for post in posts], Layout(below=("link",))))
        wanted, state = ("draft", "drafts") if posts[0].mode == "draft" else ("published", "live")
        others = [post for post in posts if post.status != wanted]
        for post in others:
            self.out.print(f"[bold]{escape(' → '.join(self._name_post(post)))}[/] ({post.id})")
            for entry in publishing.get_timeline(post_id=post.id).items:
                self.out.print(f"  {entry.at:%H:%M:%S.%f}  {entry.event}: {escape(entry.message)}")
        if others:
            raise Unexpected(f"{len(posts) - len(others)} of {len(posts)} posts are {state}.")
        shown = [item["externalId"] for item in self.list_new("posts")]
        expect("new posts in the feeds", sorted(shown), sorted(post.external_id for post in posts if post.external_id))
        if state == "live":
            self.success(f"All {len(posts)} posts are live, each exactly once (counted on the platforms' side)")
        return posts

    def find_events(self, post_id: str, event: str) -> Sequence[Mapping[str, object]]:
        """Return the details of an event in the timeline of a post."""
        entries = self.client.publishing.get_timeline(post_id=post_id).items
        return [entry.detail for entry in entries if entry.event == event]

    def list_items(self, kind: str, **query: str) -> Any:  # Any: each list has its own fields (docs/sandbox.md)
        """Return a list of the sandbox: `posts`, `drafts`, `messages`, `dispatches` or `requests`."""
        url = f"{self.url}/sandbox/control/{kind}"
        return self.http.get(url, params=query).raise_for_status().json()["items"]

    def list_new(self, kind: str) -> Any:  # Any: as above
        """Return what the sandbox received for the demo's accounts and phone since the chapter began, oldest first."""
        handles = {_sandbox_handle(account) for account in self.accounts.values()}
        new = self.list_items(kind)[self.item_counts[kind] :]
        return [item for item in new if item.get("handle") in handles or item.get("to") == PHONE]

    @contextmanager
    def expect_refusal(self, action: str, code: str) -> Iterator[None]:
        """Print how the call in the block is refused. Raises Unexpected if it is accepted."""
        try:
            yield
        except errors.APIStatusError as error:
            expect(f"the code when {action}", error.code, code)
            self.step(f"{action}:", Text(f"{error.status_code} {code}", style="yellow"))
            self.out.print(f"         [dim]{escape(error.message)}[/]")
        else:
            raise Unexpected(f"{action}: the call succeeded; expected {code}.")

    def step(self, text: str, *result: Text) -> None:
        """Print a step that is done, and when."""
        self.out.print(f"[dim]{time.monotonic() - self.began_at:5.1f} s[/]  {escape(text)}", *result)

    def success(self, text: str) -> None:
        """Print a result that is as expected."""
        self.out.print(f"[bold green]{escape(text)}[/]")

    def print_table(self, table: Table) -> None:
        """Print a table between empty lines, aligned on any output."""
        self.out.print("", *table.lines(self.out.width), "", sep="\n")

    def _name_post(self, post: ScheduledPost) -> tuple[str, str]:
        return self.labels[post.container_id], account_name(self.accounts[post.social_account_id])

    def _print_change(self, post: ScheduledPost) -> None:
        if post.status != "queued":
            self.step(f"{' → '.join(self._name_post(post))}:", styled(post.status))

    def _make_row(self, post: ScheduledPost) -> Sequence[object]:
        at, link = post.published_at, link_of(post)
        if post.status == "draft":
            at, link = post.updated_at, f"{self.url}/sandbox/phone"
        took = at and f"{(at - post.created_at).total_seconds():.1f} s"
        return (*self._name_post(post), styled(post.status), took, post.first_comment_status, link)


def show_publishing(demo: Demo) -> None:
    """Publish a video, a picture, a slideshow and a text to each account whose platform has such posts."""
    targets = [demo.target(platform, handle) for platform, handles in _HANDLES.items() for handle in handles]
    demo.step(f"{len(targets)} sandbox accounts on {len(_HANDLES)} platforms connected")
    container_ids = [demo.upload(demo.client, label) for label in _CAPTIONS]
    demo.step(f"{', '.join(_CAPTIONS)}: the content is there and checked")
    post_ids: list[str] = []
    for label, container_id in zip(_CAPTIONS, container_ids, strict=True):
        targets = [demo.with_comment(target, label) for target in targets]
        verdicts = demo.client.publishing.preflight(container_id=container_id, targets=targets).targets
        supported = [
            target
            for target, verdict in zip(targets, verdicts, strict=True)
            if not any(error.details.get("reason") == "media_not_supported" for error in verdict.errors)
        ]
        post_ids += demo.client.publishing.publish_now(container_id=container_id, targets=supported).scheduled_post_ids
    demo.step(f"{len(container_ids)} publish calls created {len(post_ids)} posts")
    demo.follow(*post_ids)


def show_tiktok_drafts(demo: Demo) -> None:
    """Send two drafts to the inbox of the TikTok app, where their creator posts one."""
    target = Target(social_account_id=demo.connect("tiktok", "loafbyloaf"), mode="draft")
    video_id, slideshow_id = demo.publish("video", target), demo.publish("slideshow", target)
    demo.step("a video and a slideshow sent to tiktok @loafbyloaf as drafts")
    demo.follow(video_id, slideshow_id)
    references = [demo.find_events(post_id, "drafted")[0]["reference"] for post_id in (video_id, slideshow_id)]
    expect("drafts in the inbox", {draft["publishId"] for draft in demo.list_new("drafts")}, set(references))
    demo.success("Both drafts are in the inbox, each exactly once, and nothing is public.")
    url = f"{demo.url}/sandbox/control/drafts/{references[1]}/post"
    external_id = demo.http.post(url, json={}).raise_for_status().json()["externalId"]
    demo.step("the creator posts the slideshow in the app")
    notices = _poll_until(lambda: demo.find_events(slideshow_id, "platform_notice"), bool)
    expect("reported posts", [notice.get("externalId") for notice in notices], [external_id])
    demo.step("the post's timeline reports it: platform_notice")
    expect("the status", demo.client.publishing.get_post(post_id=slideshow_id).status, "draft")
    expect("new posts in the feed", [post["externalId"] for post in demo.list_new("posts")], [external_id])
    demo.success("The post stays a draft: the creator published it, not Presswork.")


def show_sms_draft(demo: Demo) -> None:
    """Send a picture as a draft for Instagram: the operator's phone gets it in a text message."""
    operator = ("--name", "Ines", "--phone", PHONE, "--verified", "--primary")
    administer(demo.folder, "operator", "create", "--org", "Demo", *operator)
    demo.step("the organization's primary operator created, with a verified phone")
    target = Target(social_account_id=demo.connect("instagram", "crumb.and.co"), mode="draft")
    post_id = demo.publish("picture", target)
    demo.step("a picture sent to instagram @crumb.and.co as a draft")
    demo.follow(post_id)
    messages = demo.list_new("messages")
    found = [(message["sid"], message["status"], len(message["mediaUrls"])) for message in messages]
    expect("text messages", found, [(demo.find_events(post_id, "drafted")[0]["reference"], "delivered", 1)])
    missing = [text for text in (_CAPTIONS["picture"], "crumb.and.co") if text not in messages[0]["body"]]
    expect("texts that the message does not have", missing, [])
    demo.success("The phone received one text message, with picture, caption and steps; nothing is public.")


def show_managed(demo: Demo) -> None:
    """Publish through the sandbox's provider, which reports the result."""
    file = demo.folder / "demo-tracks.json"
    file.write_text(json.dumps([_TRACK]), encoding="utf-8")
    administer(demo.folder, "music", "import", str(file))
    demo.step("a track imported into the music catalogue")
    tiktok_id, instagram_id = demo.connect("tiktok", "oldmillbread"), demo.connect("instagram", "old.mill.bread")
    demo.client.layers.create(
        project_id=demo.project_id,
        template_id=str(MANAGED_TEMPLATE),
        config={"provider": "sandbox"},
        social_account_ids=[tiktok_id, instagram_id],
    )
    demo.step("two sandbox accounts assigned to a layer with the sandbox's provider")
    with_track = Target(social_account_id=tiktok_id, mode="managed")
    with_track["tiktok_music"] = {"mode": "manual", "track_id": _TRACK["id"]}
    slideshow_id = demo.publish("slideshow", with_track)
    picture_id = demo.publish("picture", Target(social_account_id=instagram_id, mode="managed"))
    demo.step("a slideshow with the track, and a picture, published in mode managed")
    posts = demo.follow(slideshow_id, picture_id)
    for post, link in zip(posts, (_TRACK["link"], None), strict=True):
        items = [item for item in demo.list_new("dispatches") if item["postId"] == post.id]
        found = [(item["status"], item["externalId"], item["payload"].get("tiktokMusicLink")) for item in items]
        expect("dispatches of the post", found, [("published", post.external_id, link)])
    demo.success("The provider received and published each post once; the link to the track arrived unchanged.")


def show_notify_device(demo: Demo) -> None:
    """Send a slideshow to the operator's phone, without a post."""
    sent = demo.client.publishing.notify_device(container_id=demo.upload(demo.client, "slideshow")).messages
    demo.step(f"a slideshow sent to the operator's phone: {', '.join(message.kind for message in sent)}")
    final = {"delivered", "undelivered", "failed"}
    messages = _poll_until(
        lambda: [message for message in demo.list_new("messages") if message["status"] in final],
        lambda found: len(found) >= len(sent),
    )
    for message in messages:
        first_line = message["body"].partition("\n")[0]
        demo.step(f"{message['status']}, {len(message['mediaUrls'])} attached: {first_line}")
    found = [(item["status"], len(item["mediaUrls"]), item["body"] == _CAPTIONS["slideshow"]) for item in messages]
    expect("text messages", found, [("delivered", 3, False), ("delivered", 0, True), ("delivered", 0, False)])
    expect("posts of the project", demo.client.publishing.list_posts(project_id=demo.project_id).items, [])
    demo.success("The phone received pictures, caption and steps, in this order and each once; there is no post.")


def show_facebook_login(demo: Demo) -> None:
    """Publish to an Instagram account that is connected through its Facebook Page."""
    account_id = demo.connect("instagram", "riverside.bakery", login="facebook")
    demo.step("instagram @riverside.bakery connected by Facebook Login")
    target = Target(social_account_id=account_id, mode="publish")
    demo.follow(demo.publish("video", target), demo.publish("picture", target))
    calls = demo.list_items("requests", platform="instagram", handle="riverside.bakery", operation="media_publish")
    expect("hosts of the publish calls", {call["host"] for call in calls}, {"graph.facebook.com"})


def show_approval(demo: Demo) -> None:
    """Hold content until a reviewer decides: the video is approved and goes live, the picture is rejected."""
    author = demo.create_client("author", "content:read", "content:write", "publish:read", "publish:write")
    reviewer = demo.create_client("reviewer", "content:read", "content:approve")
    demo.step("two API keys created: the author's can't approve, the reviewer's can't publish")
    account_ids = [demo.connect("instagram", "corner.bakery"), demo.connect("tiktok", "cornerbakery")]
    targets = [Target(social_account_id=account_id, mode="publish") for account_id in account_ids]
    demo.step(f"{len(targets)} sandbox accounts connected by OAuth")
    with demo.expect_refusal("the author tries to set a review policy", "FORBIDDEN_SCOPE"):
        author.approval.update_policy(project_id=demo.project_id, policy="review_all")
    policy = reviewer.approval.update_policy(project_id=demo.project_id, policy="review_all").policy
    demo.step(f"the reviewer sets the project's review policy: {policy}")
    video_id, picture_id = demo.upload(author, "video"), demo.upload(author, "picture")
    for container_id in (video_id, picture_id):
        status = author.content.get(container_id=container_id).approval_status
        demo.step(f"{demo.labels[container_id]} uploaded and checked: {status}")
    with demo.expect_refusal("the author tries to publish the video", "APPROVAL_REQUIRED"):
        author.publishing.publish_now(container_id=video_id, targets=targets)
    due = datetime.now(UTC) + timedelta(seconds=4)
    for container_id in (video_id, picture_id):
        scheduled = author.publishing.schedule(container_id=container_id, scheduled_for=due, targets=targets)
        result = f"{scheduled.response and scheduled.response.status_code} {scheduled.gate_status}"
        demo.step(f"the author schedules the {demo.labels[container_id]} for {due:%H:%M:%S} UTC: {result}")
    with demo.expect_refusal("the author tries to approve the video", "FORBIDDEN_SCOPE"):
        author.approval.approve(container_id=video_id)
    time.sleep(max(0, (due - datetime.now(UTC)).total_seconds() + 2))  # a worker claims a due post within a second
    expect("posts of the project", author.publishing.list_posts(project_id=demo.project_id).items, [])
    expect("new posts in the feeds", demo.list_new("posts"), [])
    demo.step("2 s after that time: no posts, and nothing new on the platforms")
    rejected = reviewer.approval.reject(container_id=picture_id, reason="The cinnamon is not ours")
    demo.step(f"the reviewer rejects the picture: {rejected.dropped_schedule_calls} waiting schedule call dropped")
    with demo.expect_refusal("the author tries to publish the picture", "CONTENT_REJECTED"):
        author.publishing.publish_now(container_id=picture_id, targets=targets)
    with demo.expect_refusal("the reviewer tries to approve the picture after all", "CONFLICT"):
        reviewer.approval.approve(container_id=picture_id)
    promotion = reviewer.approval.approve(container_id=video_id, note="Looks good").pending_schedule_promotion
    post_ids = promotion.scheduled_post_ids if promotion else []
    expect("posts of the video", len(post_ids), len(targets))
    demo.step(f"the reviewer approves the video: the waiting schedule call became {len(post_ids)} posts")
    demo.follow(*post_ids)
    expect("posts of the project", len(author.publishing.list_posts(project_id=demo.project_id).items), len(post_ids))
    demo.success("Only the approved content is live, and the rejected content has no posts.")


def show_week(demo: Demo) -> None:
    """Fill the console: posts of the coming days, one that fails, and a picture that waits for review."""
    publishing = demo.client.publishing
    targets = [
        demo.target(platform, handles[0])
        for platform, handles in _HANDLES.items()
        if platform != "youtube"  # which has videos only
    ]
    post_ids: list[str] = []
    for day, title in enumerate(_COMING_DAYS, 1):
        picture, caption = sample_picture(1080, 1350, seed=day, title=title), f"{title}, while it lasts. #bakery"
        at = datetime.now(UTC).replace(hour=7 + day, minute=30, second=0) + timedelta(days=day)
        done = publishing.publish_files(
            picture, project_id=demo.project_id, caption=caption, targets=targets, scheduled_for=at
        )
        post_ids += done.scheduled_post_ids
    demo.step(f"{len(post_ids)} posts scheduled for the coming days")
    demo.client.sandbox.add_fault(
        platform="instagram",
        handle="harbour.coffee",
        operation="media_publish",
        fault="platform_error",
        value={"code": 25, "subcode": 2207050},  # as Instagram refuses posts of an account that it has restricted
    )
    restricted_id = demo.connect("instagram", "harbour.coffee")
    post_id = demo.publish("slideshow", Target(social_account_id=restricted_id, mode="publish"))
    expect("the status of a restricted account's post", publishing.wait(post_id).status, "failed")
    demo.step("one post failed: the sandbox restricted instagram @harbour.coffee")
    demo.client.approval.update_policy(project_id=demo.project_id, policy="review_all")
    in_five_days = datetime.now(UTC) + timedelta(days=5)
    publishing.schedule(container_id=demo.upload(demo.client, "picture"), targets=targets, scheduled_for=in_five_days)
    demo.step("one picture waits for review")


_CHAPTERS: Final[Mapping[str, Callable[[Demo], None]]] = {
    "Publish to the feed": show_publishing,
    "Drafts in the inbox of the TikTok app": show_tiktok_drafts,
    "Drafts for Instagram by text message": show_sms_draft,
    "Publish through a managed provider": show_managed,
    "Send content to a phone without a post": show_notify_device,
    "Publish to an Instagram account connected by Facebook Login": show_facebook_login,
    "Publish only after approval": show_approval,
}


def run(folder: Path, server: subprocess.Popen[bytes] | None, option: str, *, is_kept: bool) -> bool:
    """Show the chapters of an option and return whether all passed; `server` is None if it was already running."""
    titles = list(_CHAPTERS)
    chapters = {title: _CHAPTERS[title] for title in {"": titles[:1], "--approval": titles[-1:]}.get(option, titles)}
    if is_kept and server is not None:
        chapters["A week for the console"] = show_week
    with plain_refusals(), httpx2.Client(timeout=30, trust_env=False) as http:
        demo = _start_demo(folder, server, http)
        results = {}
        for title, chapter in chapters.items():
            if len(chapters) > 1:
                demo.out.print(f"\n[bold]{title}[/]")
            results[title] = demo.show(title, chapter)
    marks = {True: Text("passed", style="green"), False: Text("FAILED", style="bold red")}
    if len(chapters) > 1:
        demo.print_table(Table(("chapter", "result"), [(title, marks[passed]) for title, passed in results.items()]))
    if server is None or is_kept:
        _print_links(demo)
    if server is None:
        demo.out.print("The server was already running and is left running.")
    elif is_kept:
        _print_console_link(demo)
        demo.out.print("[bold]Everything keeps running; Ctrl-C stops it.[/]")
        asyncio.run(_wait_for_stop())
    else:
        again = escape(" ".join(filter(None, (own_command(), "demo", option, "--keep"))))
        demo.out.print(f"The demo's server stops now. To see the feeds in a browser, run [bold]{again}[/].")
    return all(results.values())


def _start_demo(folder: Path, server: subprocess.Popen[bytes] | None, http: httpx2.Client) -> Demo:
    """Wait for the server, and create a key with all scopes. Raises Unexpected if it does not start."""
    began_at, baked_at = time.monotonic(), f"{datetime.now(UTC):%H:%M:%S}"
    with console().status("Starting"):
        # Different in each run, since X refuses what an account has posted before.
        files = {
            "video": [sample_video(timedelta(seconds=4), title=f"Fresh at {baked_at}")],
            "picture": [sample_picture(1080, 1350, seed=2, title=f"Cinnamon, {baked_at}")],
            "slideshow": sample_slideshow(3, seed=int(time.time())),
        }
        url = _wait_until_ready(folder, server, http)
        key = administer(folder, "key", "create", "--org", "Demo", "--name", "demo", "--scopes", "*,org:admin")["key"]
    client = Presswork(api_key=key, base_url=url, max_retries=5, http_client=http)
    keys = {"demo": key}
    demo = Demo(folder=folder, url=url, http=http, client=client, files=files, keys=keys, began_at=began_at)
    demo.step(f"Presswork is up at {url}")
    return demo


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes] | None, http: httpx2.Client) -> str:
    """Return the URL of the server once it is ready. Raises Unexpected with the end of its log."""
    end = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < end and (server is None or server.poll() is None):
        running = find_running(folder)
        with suppress(httpx2.HTTPError):
            if running is not None and running.url is not None and http.get(f"{running.url}/readyz").is_success:
                return running.url
        time.sleep(_POLL_SECONDS)
    log = "" if server is None else read_server_log(folder)[-_MAX_LOG_CHARACTERS:].strip()
    raise Unexpected(f"The server did not start. The end of its log:\n{log}")


def _print_links(demo: Demo) -> None:
    out, url = demo.out, demo.url
    feeds = dict.fromkeys(f"{account.platform}/{_sandbox_handle(account)}" for account in demo.accounts.values())
    out.print("The feeds of the accounts:", *(f"  {url}/sandbox/feed/{feed}" for feed in feeds), sep="\n")
    out.print(f"Messages and drafts on phones: {url}/sandbox/phone")
    out.print(f"All sandbox accounts: {url}/sandbox/\nAPI documentation, with a form for each call: {url}/docs")
    out.print("API keys:", *(f"  {name}: {key}" for name, key in demo.keys.items()), sep="\n")
    out.print(f'Example: curl -H "Authorization: Bearer {demo.keys["demo"]}" {url}/v1/whoami')


def _print_console_link(demo: Demo) -> None:
    """Print the link with which a person becomes the administrator, as `presswork up` does while there is none."""
    if link := re.search(r"http\S+/console/set-up#token=\S+", read_server_log(demo.folder)):
        demo.out.print("[bold]The console, with these posts (the link works once):[/]", link[0], sep="\n")
    else:
        demo.out.print(f"The console, with these posts: {demo.url}/console/")


async def _wait_for_stop() -> None:
    """Return on the first signal that stops a program."""
    stopped = asyncio.Event()
    on_stop_signals(stopped.set, stopped.set)
    await stopped.wait()


def _sandbox_handle(account: SocialAccount) -> str:
    """Return the handle of an account in the sandbox, where one of Mastodon is the same on each server."""
    return account.handle.partition("@")[0]


def expect(what: str, found: object, expected: object) -> None:
    """Raise Unexpected unless both are equal."""
    if found != expected:
        raise Unexpected(f"Expected {what}: {expected}; found {found}.")


def _poll_until(read: Callable[[], T], is_complete: Callable[[T], bool]) -> T:
    """Read until the result is complete or the time is over, and return it."""
    end = time.monotonic() + _TIMEOUT_SECONDS
    while not is_complete(found := read()) and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
    return found


def _has_link_and_comment(post: ScheduledPost) -> bool:
    """Return whether a post, if it is live, has its link and its first comment; both follow later."""
    has_comment = post.first_comment_status is not None or not post.first_comment_override
    return post.status != "published" or (post.external_url is not None and has_comment)
