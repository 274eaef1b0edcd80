"""The command line as a client: login, publish, posts, post, cancel, approve and reject, against a running server."""

import json
import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import environment
from tests.sdk.world import connect, made

from presswork.cli.client.csv_file import file_names_in
from presswork.media.samples import sample_video

pytestmark = pytest.mark.slow


def test_the_login_file_is_private(person: Person) -> None:
    """Only the owner can read the file; a key that the server does not know is not stored."""
    file = person.folder / "login.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    wrong = person.run("login", "--url", person.url, api_key=person.key[:-4] + "AAAA")
    assert wrong.status == 1
    assert person.key[-20:] not in wrong.stdout + wrong.stderr
    assert file.read_text() == before


def test_commands_without_a_login_explain_how_to_log_in(person: Person, tmp_path: Path) -> None:
    """Without a login a command exits with 1 and names `presswork login`."""
    done = person.command_process.run(
        ["posts"], environment=environment(login_file=str(tmp_path / "none.json")), cwd=tmp_path
    )
    assert done.status == 1
    assert "presswork login" in done.stderr


def test_a_url_or_key_that_can_not_be_used_is_one_sentence(person: Person) -> None:
    """A URL without http:// and a key with a space are refused in one line, without a traceback."""
    url = person.run("posts", api_key=person.key, base_url="localhost:8000")
    key = person.run("posts", api_key="lp_test a", base_url=person.url)
    assert (url.status, key.status) == (1, 1)
    assert "'localhost:8000' is not the address of a server" in url.stderr.replace("\n", " ")
    assert "The API key is empty or has a space" in key.stderr.replace("\n", " ")
    assert "Traceback" not in url.stderr + key.stderr


def test_files_are_published_and_watched(person: Person) -> None:
    """Two pictures are published as a slideshow to both accounts; the command ends when both are live."""
    done = person.run(
        "publish", "a.jpg", "b.jpg", "--to", "instagram:@cli.shop", "--to", "tiktok:cli.shop", "--caption", "Two"
    )
    assert done.status == 0, done.stdout + done.stderr
    assert "instagram @cli.shop: published" in done.stderr
    assert "tiktok @cli.shop: published" in done.stderr
    header, *posts = (line.split("\t") for line in done.stdout.splitlines())
    assert header == ["post", "account", "status", "time", "mode", "result"]
    assert [post[1:3] for post in posts] == [["instagram @cli.shop", "published"], ["tiktok @cli.shop", "published"]]
    assert posts[0][-1].startswith(f"{person.url}/sandbox/www.instagram.com/p/")
    assert {httpx2.get(post[-1], trust_env=False).status_code for post in posts} == {200}


def test_a_text_and_a_link_are_published_without_files(person: Person) -> None:
    """--text and --link make the content; a page that can't be read is a warning, and the list of content shows the link."""
    url = "https://bakery.invalid/menu"
    text = person.run("publish", "--text", "Six new loaves", "--to", "threads:@cli.words")
    assert text.status == 0, text.stdout + text.stderr
    assert "threads @cli.words: published" in text.stderr
    both = person.run("publish", "--text", "Menu", "--link", url, "--to", "threads:@cli.words")
    assert both.status == 0, both.stdout + both.stderr
    assert "Warning: LINK_UNREADABLE: " in both.stderr
    command = ("publish", "--link", url, "--to", "threads:@cli.words", "--idempotency-key", "link-once")
    assert _ids(person.json(*command)) == _ids(person.json(*command))
    listed = _items(person.json("content", "--limit", "3"))
    assert [(one["mediaType"], one["text"]) for one in listed] == [
        ("text", ""),
        ("text", "Menu"),
        ("text", "Six new loaves"),
    ]
    header, *rows = (line.split("\t") for line in person.run("content", "--limit", "3").stdout.splitlines())
    assert [row[header.index("link")] for row in rows] == [url, url, ""]
    wrong = person.run("publish", "--text", "Menu", "--to", "instagram:@cli.shop")
    assert (wrong.status, "no posts with content of the type text" in " ".join(wrong.stderr.split())) == (1, True), (
        wrong.stderr
    )


def test_parts_are_published_as_a_thread(person: Person) -> None:
    """--part makes a thread, whose parts the post shows; one that ends early is no success."""
    parts = ("--part", "Six new loaves", "--part", "Rye", "--part", "Spelt")
    dry = person.run("publish", *parts, "--to", "threads:@cli.words", "--dry-run")
    assert (dry.status, "Part 3: Spelt" in dry.stdout) == (0, True), dry.stdout + dry.stderr
    (post,) = _items(person.json("publish", *parts, "--to", "threads:@cli.words"))
    assert (post["threadStatus"], _count_parts(post)) == ("complete", 3)
    shown = person.run("post", str(post["id"])).stdout.splitlines()
    assert {"thread\tcomplete", f"part 1\tpublished {post['externalId']}", f"link\t{post['sandboxUrl']}"} <= set(shown)
    fault = {"platform": "threads", "operation": "threads", "fault": "platform_error", "value": {"code": 100}}
    url = f"{person.url}/sandbox/control/faults"
    assert httpx2.post(url, json={**fault, "skip": 1, "times": 1}, trust_env=False).is_success
    ended = person.run("publish", *parts, "--to", "threads:@cli.words")
    assert (ended.status, "Part 2 of 3 is not live" in ended.stdout) == (1, True), ended.stdout + ended.stderr
    long = ("--text", "The first loaves are warm. " * 30, "--options", '{"autoSplit": {}}')
    (split,) = _items(person.json("publish", *long, "--to", "threads:@cli.words"))
    assert (split["threadStatus"], _count_parts(split)) == ("complete", 2)


def _count_parts(post: Mapping[str, object]) -> int:
    parts = post["parts"]
    assert isinstance(parts, list)
    return len(parts)


def test_texts_and_links_of_a_table_are_imported(person: Person) -> None:
    """A table without a column of media has texts and links."""
    rows = "text,link,accounts\nMenu,,threads:@cli.words\n,https://bakery.invalid/a,threads:@cli.words\n,,threads:@cli.words\n"
    (person.folder / "texts.csv").write_text(rows)
    refused = person.run("publish", "--csv", "texts.csv")
    assert (refused.status, "media: `media` is required" in refused.stdout) == (1, True), refused.stdout
    (person.folder / "texts.csv").write_text(rows.removesuffix(",,threads:@cli.words\n"))
    done = person.json("publish", "--csv", "texts.csv")
    assert done["ok"] is True
    header, *listed = (line.split("\t") for line in person.run("content", "--limit", "2").stdout.splitlines())
    found = [(row[header.index("caption")], row[header.index("link")]) for row in listed]
    assert sorted(found) == [("", "https://bakery.invalid/a"), ("Menu", "")]


def test_a_table_is_checked_and_imported_once(person: Person) -> None:
    """--csv reads a file as Excel saves it. A refused row is named by its line; the same file twice makes the posts once."""
    made = person.json("publish", "a.jpg", "--to", "instagram:@cli.shop", "--dry-run")
    content = made["containerId"]
    head = "\ufeffContent ID;Caption;Profiles;Date;Hour;Notes\r\n"
    good = f'{content};"Two\r\nlines; one cell";instagram:@cli.shop, tiktok:@cli.shop;24.12.2026;09:00;mine\r\n'
    (person.folder / "plan.csv").write_bytes(f"{head}{good};;;;;\r\n{content};x;@missing;1/2/2027;9:00;\r\n".encode())
    refused = person.run("publish", "--csv", "plan.csv")
    assert refused.status == 1
    assert "Columns that are not used: Notes." in refused.stderr
    assert "Rows that are refused: 1 of 2. Nothing was scheduled." in refused.stderr
    assert "--dates" in refused.stderr
    header, *rows = (line.split("\t") for line in refused.stdout.splitlines())
    assert header == ["line", "accounts", "time", "result", "reason"]
    assert [row[0] for row in rows] == ["2", "5", "5"]
    (person.folder / "plan.csv").write_bytes(f"{head}{good}".encode())
    first, again = (person.json("publish", "--csv", "plan.csv") for _ in range(2))
    assert first == again
    rows_of = json.loads(json.dumps(first))["rows"]
    assert [(row["line"], len(row["scheduledPostIds"])) for row in rows_of] == [(2, 2)]
    (person.folder / "old.csv").write_bytes("accounts;media\n@a;ü".encode("latin-1"))
    assert "CSV UTF-8" in person.run("publish", "--csv", "old.csv").stderr


def test_files_that_a_table_names_are_uploaded_from_its_folder(person: Person) -> None:
    """A row may name files beside the table; a second run sends and posts nothing twice. Files elsewhere are refused."""
    folder = person.folder / "sheet"
    folder.mkdir()
    (folder / "two loaves.jpg").write_bytes((person.folder / "a.jpg").read_bytes())
    table = folder / "files.csv"
    day = "media,altText,caption,accounts,date,time\n{},Two loaves,Named,instagram:@cli.shop,{},09:00\n"
    due = (datetime.now(UTC).replace(day=1) + timedelta(days=32)).replace(day=13)
    table.write_text(day.format("two loaves.jpg", f"{due:%d/%m/%Y}"))
    checked = person.run("publish", "--csv", "sheet/files.csv", "--dry-run")
    assert checked.status == 0, checked.stdout + checked.stderr
    first, again = (person.json("publish", "--csv", "sheet/files.csv") for _ in range(2))
    assert first == again
    (row,) = json.loads(json.dumps(first))["rows"]
    assert (row["scheduledFor"][:10], len(row["scheduledPostIds"])) == (f"{due:%Y-%m-%d}", 1)
    content = person.call("GET", f"/v1/content/{row['containerId']}").json()
    assert [content["caption"], *(one["altText"] for one in content["media"])] == ["Named", "Two loaves"]
    for missing in ("three.jpg", "../a.jpg"):
        table.write_text(day.format(missing, f"{due:%d/%m/%Y}"))
        refused = person.run("publish", "--csv", "sheet/files.csv")
        assert (refused.status, f"not in its folder: {missing}." in refused.stderr) == (1, True), refused.stderr


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg b.png", ["a.jpg", "b.png"]),
        ("summer menu.jpg", ["summer menu.jpg"]),
        ("summer menu.jpg; rye.jpg\nb 2.mp4", ["summer menu.jpg", "rye.jpg", "b 2.mp4"]),
        ("https://example.com/a.jpg", []),
        ("", []),
    ],
)
def test_names_of_files_in_a_cell(cell: str, names: list[str]) -> None:
    """Names are apart by line feeds, commas, semicolons and bars, and by spaces where each has an ending."""
    assert file_names_in(cell) == names


def test_options_and_alternative_texts_reach_the_platform(person: Person) -> None:
    """--options is for every target, from the line or a file; --alt-text is in the order of the files."""
    options = {"instagramPostSettings": {"isAiGenerated": True, "locationId": "213385402"}}
    (person.folder / "options.json").write_text(json.dumps(options))
    for given in (json.dumps(options), "@options.json"):
        done = person.run(
            "publish", "a.jpg", "--to", "instagram:@cli.shop", "--alt-text", "A loaf", "--options", given, "--json"
        )
        assert done.status == 0, done.stdout + done.stderr
        (post,) = json.loads(done.stdout)["items"]
        assert post["instagramPostSettings"]["locationId"] == "213385402"
        posts = httpx2.get(f"{person.url}/sandbox/control/posts?handle=cli.shop", trust_env=False).json()["items"]
        (params,) = [one["params"] for one in posts if one["externalId"] == post["externalId"]]
        assert (params["is_ai_generated"], params["alt_text"]) == ("true", "A loaf")
    for wrong in ("{", "[1]", "@missing.json"):
        refused = person.run("publish", "a.jpg", "--to", "instagram:@cli.shop", "--options", wrong)
        assert (refused.status, "--options" in refused.stderr) == (1, True)


def test_playlists_and_extras_of_a_video_are_shown(person: Person) -> None:
    """The ids of playlists are listed; a dry run says what the video costs, and the post shows what is added to it."""
    made = {"handle": "cli.channel", "title": "Bread"}
    playlist = httpx2.post(f"{person.url}/sandbox/control/playlists", json=made, trust_env=False).json()["id"]
    listed = person.run("playlists", "youtube:@cli.channel").stdout.splitlines()
    assert listed == ["playlist\ttitle", f"{playlist}\tBread"]
    assert person.run("playlists", "instagram:@cli.shop").stdout.splitlines() == ["playlist\ttitle"]
    (person.folder / "c.mp4").write_bytes(sample_video(timedelta(seconds=4)))
    options = json.dumps({"youtubePostSettings": {"playlistIds": [playlist], "thumbnail": {"timestampMs": 500}}})
    command = ("publish", "c.mp4", "--to", "@cli.channel", "--caption", "Rye", "--options", options)
    checked = person.run(*command, "--dry-run")
    assert "Uses 150 of the 10,000 quota units a day of all accounts." in checked.stdout, checked.stderr
    (post,) = _items(person.json(*command))
    extras = [line for line in person.run("post", str(post["id"])).stdout.splitlines() if line.startswith("extra\t")]
    assert [line.removeprefix("extra\t").split(":")[0] for line in extras] == ["thumbnail", f"playlist {playlist}"]


def test_a_caption_that_will_be_refused_is_reported_at_once(person: Person) -> None:
    """The warning of the call names the account and the limit, now and scheduled; TikTok accepts the same caption."""
    to = ("--to", "instagram:@cli.shop", "--to", "tiktok:cli.shop", "--caption", "#a " * 31)
    for when in ("--no-wait", "--at=+2h"):
        done = person.run("publish", "a.jpg", *to, when)
        (warning,) = [line for line in done.stderr.splitlines() if line.startswith("Warning:")]
        assert warning.startswith("Warning: instagram @cli.shop: PLATFORM_LIMIT: The caption has 31 hashtags"), (
            done.stderr
        )


def test_a_repeated_call_posts_once(person: Person) -> None:
    """With an idempotency key, a repeated command publishes the content once."""
    content = person.json("publish", "a.jpg", "--to", "instagram:@cli.shop", "--dry-run")["containerId"]
    command = ("publish", str(content), "--to", "instagram:@cli.shop", "--idempotency-key", f"k-{content}")
    first, second = person.json(*command), person.json(*command)
    assert _ids(first) == _ids(second)
    assert {post["status"] for post in _items(first)} == {"published"}


def test_a_repeated_call_with_a_file_uploads_and_posts_once(person: Person) -> None:
    """The key covers the upload and the alternative text too: the second run has the container and the post of the first."""
    command = (
        "publish",
        "a.jpg",
        "--to",
        "instagram:@cli.shop",
        "--alt-text",
        "A loaf",
        "--idempotency-key",
        "file-once",
    )
    first, second = person.json(*command), person.json(*command)
    assert [post["containerId"] for post in _items(second)] == [post["containerId"] for post in _items(first)]
    assert _ids(second) == _ids(first)
    assert {post["status"] for post in _items(second)} == {"published"}


@pytest.mark.exhaustive
def test_an_interrupted_upload_continues(person: Person) -> None:
    """Ctrl-C while a video over 100 MB is sent: its bar ends, and the printed key continues the same content."""
    film = person.folder / "film.mp4"
    padding = 300_000_000
    film.write_bytes(sample_video(timedelta(seconds=2), 96, 64) + padding.to_bytes(4, "big") + b"free")
    os.truncate(film, film.stat().st_size + padding - 8)
    command = ("publish", "film.mp4", "--to", "instagram:@cli.shop", "--dry-run")
    with person.in_terminal(*command) as terminal:
        terminal.wait_for(r"[1-9][0-9.]*/300\.\d MB")
        terminal.interrupt()
        key = terminal.wait_for(r"--idempotency-key\s+([0-9a-f-]{36})")[1]
    (begun,) = person.call("GET", f"/v1/content?projectId={person.project}&status=queued").json()["items"]
    made = person.json(*command, "--idempotency-key", key, status=1)["containerId"]
    assert made == begun["id"]
    (media,) = person.call("GET", f"/v1/content/{made}").json()["media"]
    assert media["sha256"] == sha256(film.read_bytes()).hexdigest()
    film.unlink()


def test_all_ambiguous_and_unknown_accounts_are_reported(person: Person) -> None:
    """A handle of two platforms and an unknown one: nothing is uploaded, and the error lists the accounts."""
    done = person.run("publish", "a.jpg", "--to", "@cli.shop", "--to", "@unknown")
    assert done.status == 1
    assert "instagram:@cli.shop or tiktok:@cli.shop" in done.stderr
    assert "there is no account @unknown" in done.stderr


def test_a_dry_run_checks_each_target(person: Person) -> None:
    """Preflight as a table: exit status 1 if a target would be refused, and nothing is published."""
    before = len(_items(person.json("posts", "--limit", "100")))
    done = person.run(
        "publish", "a.jpg", "--to", "instagram:@cli.shop", "--to", "tiktok:@cli.shop", "--managed", "--dry-run"
    )
    assert done.status == 1
    assert done.stdout.count("SOCIAL_ACCOUNT_NOT_PUBLISH_READY") == 2
    assert len(_items(person.json("posts", "--limit", "100"))) == before


def test_posts_are_scheduled_listed_shown_and_canceled(person: Person) -> None:
    """A scheduled post is queued, as its timeline shows; it can be canceled once."""
    done = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "+2h")
    assert done.status == 0, done.stderr
    post_id = done.stdout.splitlines()[1].split("\t")[0]
    assert post_id in _ids(person.json("posts", "--status", "queued"))
    shown = person.json("post", post_id)
    assert shown["status"] == "queued"
    assert "Due at" in person.run("post", post_id).stdout
    assert person.run("cancel", post_id, "--reason", "no").status == 0
    again = person.json("cancel", post_id, status=1)
    assert again["items"] == []
    assert person.json("post", post_id)["status"] == "canceled"


def test_posts_take_slots_of_a_queue(person: Person) -> None:
    """A queue is created from short slots; posts take its slots, move, and close their gaps; a wrong name says which there are."""
    made = person.json("queues", "create", "Daily", "--slot", "fri-mon 09:00", "--slot", "tue,thu 17:30")
    days = [slot["weekday"] for slot in _items({"items": made["slots"]})]
    assert days == ["fri", "sat", "sun", "mon", "tue", "thu"]
    posts = []
    for position in ("next", "last"):
        done = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--queue", "daily", "--position", position)
        assert done.status == 0, done.stderr
        posts.append(done.stdout.splitlines()[1].split("\t")[0])
    slots = [str(slot["slotAt"]) for slot in _items(person.json("queues", "slots", "Daily", "--count", "3"))]
    moved = person.json("queues", "move", posts[1], slots[2])
    assert moved["scheduledFor"] == slots[2]
    assert posts[1] in person.run("queues", "reshuffle", "default", "--dry-run").stdout
    (move,) = _items(person.json("queues", "reshuffle", "default"))
    assert move == {"scheduledPostId": posts[1], "before": slots[2], "after": slots[1]}
    last = person.json("queues", "move", posts[0], "--queue", "daily", "--last", "--together")
    assert (last["scheduledFor"], last["scheduledPostIds"]) == (slots[2], [posts[0]])
    assert f"{posts[0]} is due" in person.run("queues", "move", posts[0], "--queue", "default").stdout
    assert person.json("queues", "change", "Daily", "--name", "Every day", "--slot", "sun 10:00")["name"] == "Every day"
    assert "Every day" in person.run("queues", "list").stdout
    for arguments, sentence in (
        (("queues", "slots", "Weekly"), "is not one queue"),
        (("queues", "create", "Odd", "--slot", "noon"), "is not a slot"),
        (("queues", "move", posts[0]), "or --queue"),
        (("queues", "move", posts[0], slots[2], "--queue", "default", "--last"), "either a slot or --last"),
        (("publish", "a.jpg", "--to", "@cli.shop", "--queue", "default", "--at", "+2h"), "Pass --at or --queue"),
        (("publish", "a.jpg", "--to", "@cli.shop", "--position", "last"), "is for --queue"),
    ):
        refused = person.run(*arguments)
        assert (refused.status, sentence in refused.stderr.replace("\n", " ")) == (1, True), refused
    assert person.json("queues", "delete", "Every day")["id"] == made["id"]
    assert person.json("post", posts[0])["queueId"] is None
    assert person.run("cancel", *posts).status == 0


def test_content_recurs_until_it_is_ended(person: Person) -> None:
    """The first posts are queued at once; a wrong weekday says which there are; an ended one has none that is queued."""
    content = str(person.json("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "+2d")["containerId"])
    create = ("recurrences", "create", content, "--account", "tiktok:@cli.shop", "--at", "08:30")
    made = person.json(*create, "--on", "mon", "--on", "thu", "--count", "3")
    assert len(_items({"items": made["occurrences"]})) == 3
    assert "every week on mon, thu at 08:30" in person.run("recurrences", "list").stdout
    refused = person.run(*create, "--on", "noon")
    assert (refused.status, "weekday" in refused.stderr) == (1, True), refused
    assert person.json("recurrences", "end", str(made["id"]))["canceledPosts"] == 3


def test_a_live_post_is_taken_down_or_says_what_a_person_does(person: Person) -> None:
    """No call takes down a TikTok video: the exit status says so, and the post says what to do. Its change is refused too."""
    done = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop")
    assert done.status == 0, done.stderr
    post_id = done.stdout.splitlines()[1].split("\t")[0]
    taken = person.run("take-down", post_id, "--reason", "Recalled")
    assert (taken.status, "no call can take it down" in taken.stdout) == (1, True), taken
    shown = person.json("post", post_id)
    assert shown["liveStatus"] == "not_supported"
    assert str(shown["liveAdvice"]) in person.run("post", post_id).stdout
    content = person.json("take-down", "--content", str(shown["containerId"]), status=1)
    assert [item["liveStatus"] for item in _items(content)] == ["not_supported"]
    edited = person.run("edit-live", post_id, "--caption", "New")
    assert (edited.status, "can't be changed" in edited.stdout) == (1, True), edited
    for arguments in (("take-down",), ("take-down", post_id, "--content", "cnt_1"), ("edit-live", post_id)):
        assert person.run(*arguments).status != 0


def test_queued_posts_are_edited(person: Person, tmp_path: Path) -> None:
    """The text comes from the option or a file; a stale revision, and a post that has ended, are refused."""
    done = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "+2h")
    post_id = done.stdout.splitlines()[1].split("\t")[0]
    (tmp_path / "text.txt").write_text("From a file, \u00fc\n", encoding="utf-8")
    options = '{"tiktokPostSettings": {"disableDuet": true}, "tiktokMusic": null}'
    assert person.run("edit", post_id, "--caption-file", str(tmp_path / "text.txt"), "--options", options).status == 0
    shown = person.json("post", post_id)
    assert shown["captionOverride"] == "From a file, \u00fc"
    assert "'disableDuet': True" in str(shown["tiktokPostSettings"])
    stale = person.json("edit", post_id, "--caption", "No", "--revision", "1", status=1)
    assert "revision is 2" in str(stale["refused"])
    (edited,) = _items(person.json("edit", post_id, "--reset", "caption", "--first-comment", "Hi"))
    assert (edited["captionOverride"], edited["firstCommentOverride"], edited["revision"]) == (None, "Hi", 3)
    assert "Nothing to change" in person.run("edit", post_id).stderr
    assert "tiktokPostSettings" in person.run("edit", post_id, "--options", '{"mode": "draft"}').stderr
    assert person.run("cancel", post_id).status == 0
    assert "is canceled" in person.run("edit", post_id, "--caption", "No").stdout


def test_a_canceled_post_is_published_again_once(person: Person) -> None:
    """The command prints the new post's id; while that one is open or live, a second call names it."""
    done = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "+2h")
    post_id = done.stdout.splitlines()[1].split("\t")[0]
    open_post = person.run("republish", post_id)
    assert (open_post.status, "is queued" in open_post.stdout) == (1, True), open_post.stdout
    assert person.run("cancel", post_id).status == 0
    done = person.run("republish", post_id)
    assert done.status == 0, done.stderr
    new_id = done.stdout.split()[-1].rstrip(".")
    assert str({"republishOf": post_id}) in str(person.json("post", new_id)["timeline"])
    again = person.json("republish", post_id, "--confirm-not-live", status=1)
    assert again["items"] == []
    assert new_id in str(again["refused"])


def test_invalid_arguments_are_refused_with_the_valid_ones(person: Person) -> None:
    """An invalid time, status or project is refused with a sentence, before anything is sent."""
    assert "+2h" in person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "soon").stderr
    for at in ("+9000000d", "+" + "9" * 5000 + "d", "9999-12-31T23:59-10:00"):
        refused = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", at).stderr
        assert ("is not a time" in refused, "Traceback" in refused) == (True, False), refused
    relative = person.run("publish", "a.jpg", "--to", "instagram:@cli.shop", "--at", "+2h", "--idempotency-key", "k")
    assert (relative.status, "--at +2h is another time at each call" in relative.stderr) == (1, True), relative.stderr
    assert "publishing" in person.run("posts", "--status", "done").stderr
    assert "no project named nothing" in person.run("posts", "--project", "nothing").stderr
    assert "exclude each other" in person.run("publish", "a.jpg", "--to", "x", "--draft", "--managed").stderr
    assert "less than 0" in person.run("publish", "a.jpg", "--to", "x", "--timeout", "-1").stderr
    assert person.run("publish", "a.jpg").status == 2
    for command, advice in {
        ("--text", "Menu"): "an account with --to",
        ("--to", "@x"): "a FILE, a --text, a --link or several --part",
        ("--to", "@x", "--text", ""): "a FILE, a --text, a --link or several --part",
        ("--to", "@x", "--caption", "Menu"): "or write a post without one with --text",
        ("--to", "@x", "--text", "Menu", "--alt-text", "A loaf"): "Pass a FILE",
        ("a.jpg", "--to", "@x", "--text", "Menu"): "use --caption",
        ("a.jpg", "--to", "@x", "--link", "https://example.com"): "write the URL into --caption",
        ("cnt_1", "--to", "@x", "--link", "https://example.com"): "Pass no FILE",
        ("--part", "Rye", "--to", "@x"): "Pass another --part",
        ("--part", "Rye", "--part", "Spelt", "--text", "Menu", "--to", "@x"): "Pass only the one or the other",
        ("--csv", "plan.csv", "--part", "Rye"): "Pass no other files and options",
        ("--csv", "plan.csv", "--text", "Menu"): "Pass no other files and options",
    }.items():
        done = person.run("publish", *command)
        assert done.status != 0, command
        assert advice in " ".join(done.stderr.replace("│", " ").split()), done.stderr


def test_content_is_deleted(person: Person) -> None:
    """Without a terminal it needs --yes; --erase takes the texts too, and the lists have it no more."""
    project = made(person.call("POST", "/v1/projects", name="Gone", timezone="UTC"))
    container = made(person.call("POST", f"/v1/projects/{project}/content", text="Away with it"))
    asked = person.run("content", "delete", container)
    assert (asked.status != 0, "Pass --yes" in asked.stderr) == (True, True), asked.stderr
    deleted = person.run("content", "delete", container, "--erase", "--yes")
    assert (deleted.status, "was deleted and its texts were erased" in deleted.stdout) == (0, True), deleted.stderr
    assert person.call("GET", f"/v1/content/{container}").json()["text"] == ""
    assert _items(person.json("content", "--project", project)) == []


def test_content_is_discussed_and_approved_in_steps(person: Person) -> None:
    """Comments are listed with who sees them, and an approval says which step waits now."""
    project = made(person.call("POST", "/v1/projects", name="In steps", timezone="UTC"))
    steps = [{"name": "Editors", "roles": ["approver"]}, {"name": "Customer", "reviewLink": True}]
    policy = f"/v1/projects/{project}/content-review-policy"
    assert person.call("PATCH", policy, policy="review_all", steps=steps).status_code == 200
    content = made(person.call("POST", f"/v1/projects/{project}/content", text="Rye"))
    assert "for the organization" in person.run("content", "comment", content, "--text", "Which price?").stdout
    assert person.json("content", "comment", content, "--text", "Nice", "--external")["visibility"] == "external"
    listed = person.run("content", "comments", content).stdout
    assert [words in listed for words in ("Which price?", "the organization", "review links too", "Nice")] == [True] * 4
    assert "pending: Editors" in person.run("content", "--pending", "--project", project).stdout
    assert "It waits for: Customer." in person.run("approve", content).stdout
    refused = person.run("approve", content)
    assert (refused.status, "decided by a person at the page of a review link" in refused.stderr) == (1, True)


def test_content_is_approved_and_rejected(person: Person) -> None:
    """In a project with review, scheduled posts are queued on approval and dropped on rejection."""
    project = made(person.call("POST", "/v1/projects", name="Reviewed", timezone="UTC"))
    assert person.call("PATCH", f"/v1/projects/{project}/content-review-policy", policy="review_all").status_code == 200
    with httpx2.Client(
        base_url=person.url, headers={"Authorization": f"Bearer {person.key}"}, trust_env=False
    ) as client:
        connect(client, project, "instagram", "cli.reviewed")
    for decision in ("approve", "reject"):
        command = ("publish", "a.jpg", "--to", "@cli.reviewed", "--at", "+2h", "--project", project)
        waiting = person.json(*command)
        assert waiting["gateStatus"] == "blocked_on_approval"
        asked = person.json("request-changes", str(waiting["containerId"]), "--note", "Sharper", "--revision", "1")
        assert (asked["approvalStatus"], asked["revision"]) == ("pending", 1)
        stale = person.run(
            decision,
            str(waiting["containerId"]),
            "--reason" if decision == "reject" else "--note",
            "x",
            "--revision",
            "2",
        )
        assert "revision" in stale.stderr
        extra = ("--reason", "blurred") if decision == "reject" else ("--note", "fine")
        decided = person.json(decision, str(waiting["containerId"]), *extra)
        assert decided["approvalStatus"] == ("approved" if decision == "approve" else "rejected")
    assert len(_items(person.json("posts", "--project", project))) == 1


def test_completion_offers_accounts(person: Person) -> None:
    """Completion of --to gets the accounts from the server."""
    asked = {
        "_PRESSWORK_COMPLETE": "complete_bash",
        "COMP_WORDS": "presswork publish a.jpg --to tiktok:",
        "COMP_CWORD": "4",
    }
    given = {**environment(login_file=str(person.folder / "login.json")), **asked}
    assert "tiktok:@cli.shop" in person.command_process.run([], environment=given, cwd=person.folder).stdout


def _items(found: Mapping[str, object]) -> list[dict[str, object]]:
    items = found["items"]
    assert isinstance(items, list)
    return items


def _ids(found: Mapping[str, object]) -> list[object]:
    return [one["id"] for one in _items(found)]
