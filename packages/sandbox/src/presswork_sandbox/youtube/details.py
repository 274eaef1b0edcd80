"""What a YouTube video says about itself on a page."""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.details import Details
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, flag_of, text_of
from presswork_sandbox.youtube.videos import Video, Videos, is_short

CATEGORY_NAMES: Final = {
    "1": "Film & Animation",
    "2": "Autos & Vehicles",
    "10": "Music",
    "15": "Pets & Animals",
    "17": "Sports",
    "19": "Travel & Events",
    "20": "Gaming",
    "22": "People & Blogs",
    "23": "Comedy",
    "24": "Entertainment",
    "25": "News & Politics",
    "26": "Howto & Style",
    "27": "Education",
    "28": "Science & Technology",
    "29": "Nonprofits & Activism",
}


def details_of(videos: Videos, post: Post, assets: Sequence[Asset], fields: Mapping[str, JSONValue]) -> Details:
    """Return what was sent with a video, in words; `fields` are its extras, as the control surface shows them."""
    video = videos.find(post.external_id)
    details = Details(labels=["Short"] if assets and is_short(assets[0]) else [])
    if video is None:  # published by a managed provider
        options = post.params.get("youtubePostSettings")
        details.title = text_of(options.get("title")) if isinstance(options, Mapping) else ""
        return details
    snippet, status = video.resource["snippet"], video.resource["status"]
    details.title, details.cover_asset = text_of(snippet.get("title")), video.thumbnail_id
    details.labels += _labels(video, status)
    category, tags = text_of(snippet.get("categoryId")), snippet.get("tags")
    details.facts.append(("Category", CATEGORY_NAMES.get(category, category)))
    if isinstance(tags, list) and tags:
        details.facts.append(("Tags", ", ".join(map(text_of, tags))))
    for term, name in (("Language", "defaultLanguage"), ("Publishes at", "publishAt")):
        text = text_of(snippet.get(name) or status.get(name))
        if text:
            details.facts.append((term, text))
    if status.get("license") == "creativeCommon":
        details.facts.append(("License", "Creative Commons Attribution"))
    if text_of(video.params.get("notifySubscribers")).lower() == "false":
        details.facts.append(("Subscribers", "Not notified"))
    if video.thumbnail_id is not None:
        details.facts.append(("Thumbnail", "A separate picture"))
    for term, name, member in (("Playlists", "playlists", "title"), ("Captions", "captions", "language")):
        entries = fields[name]
        words = (
            [text_of(one.get(member)) for one in entries if isinstance(one, Mapping)]
            if isinstance(entries, list)
            else []
        )
        if words:
            details.facts.append((term, ", ".join(words)))
    return details


def _labels(video: Video, status: Mapping[str, JSONValue]) -> list[str]:
    labels = {
        "Locked as private": video.is_locked,
        "Processing": video.state == "uploaded",
        "Scheduled": video.publish_at is not None,
        "Made for kids": flag_of(status.get("selfDeclaredMadeForKids")),
        "Altered or synthetic content": flag_of(status.get("containsSyntheticMedia")),
        "No embedding": status.get("embeddable") is False,
    }
    return [label for label, is_so in labels.items() if is_so]
