"""What an Instagram post says about itself on a page."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.details import Details, Tag, frame_at
from presswork_sandbox.instagram.options import list_of, thumb_offset_of
from presswork_sandbox.instagram.published import cover_of, items_of
from presswork_sandbox.posts import Post
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue, flag_of, text_of

GRADUATION_NAMES: Final = {"MANUAL": "manually", "SS_PERFORMANCE": "by performance"}


def details_of(store: Store, post: Post) -> Details:
    """Return what was sent with a post, in words."""
    params = post.params
    items = [item.params for item in items_of(store, post.external_id)] or [params]
    details = Details(
        collaborators=list_of(params.get("collaborators")),
        alts=[text_of(item.get("alt_text")) for item in items],
        tags=[_tags(item.get("user_tags")) for item in items],
        cover_asset=cover_of(store, post.external_id) if post.kind == "reel" else None,
    )
    trial = params.get("trial_params")
    if flag_of(params.get("is_ai_generated")):
        details.labels.append("AI info")
    if isinstance(trial, Mapping):
        details.labels.append("Trial reel")
        strategy = text_of(trial.get("graduation_strategy"))
        details.facts.append(("Trial", f"Shared with followers {GRADUATION_NAMES.get(strategy, strategy)}"))
    if flag_of(params.get("is_paid_partnership")):
        details.labels.append("Paid partnership")
    details.facts += [
        (term, text_of(params[name]))
        for term, name in (("Location", "location_id"), ("Audio", "audio_name"))
        if params.get(name)
    ]
    offset = thumb_offset_of("REELS", params) if post.kind == "reel" else ""
    if details.cover_asset is not None:
        details.facts.append(("Cover", "A separate picture"))
    elif offset.isdecimal():
        details.facts.append(("Cover", frame_at(int(offset))))
    return details


def _tags(value: JSONValue) -> list[Tag]:
    if not isinstance(value, list):
        return []
    tags = [tag for tag in value if isinstance(tag, Mapping)]
    return [
        Tag(username=text_of(tag.get("username")), left=_percent(tag.get("x")), top=_percent(tag.get("y")))
        for tag in tags
    ]


def _percent(value: JSONValue) -> float | None:
    return round(value * 100, 2) if isinstance(value, int | float) else None
