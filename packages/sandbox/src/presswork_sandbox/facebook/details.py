"""What a post of a Page says about itself on a page."""

from collections.abc import Mapping

from presswork_sandbox.details import Details, LinkCard
from presswork_sandbox.facebook.photos import Photos
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of


def details_of(photos: Photos, post: Post) -> Details:
    """Return what was sent with a post, in words."""
    params = post.params
    details = Details(
        title=text_of(params.get("title")),
        alts=[photo.alt_text for photo in photos.of_post(post.external_id)],
    )
    if post.kind == "link":
        details.link = LinkCard(url=text_of(params.get("link")))
    if params.get("place"):
        details.facts.append(("Place", text_of(params["place"])))
    countries = _countries(params.get("targeting"))
    if countries:
        details.facts.append(("Shown in", countries))
        details.labels.append("Limited audience")
    return details


def _countries(targeting: JSONValue) -> str:
    if isinstance(targeting, str):
        return targeting
    locations = targeting.get("geo_locations") if isinstance(targeting, Mapping) else None
    countries = locations.get("countries") if isinstance(locations, Mapping) else None
    return ", ".join(map(text_of, countries)) if isinstance(countries, list) else ""
