"""The options of all platforms. A platform with options has a line in `OPTIONS`."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter, ValidationError

from presswork.core.enums import Mode
from presswork.platforms import part_options
from presswork.platforms.bluesky import options as bluesky
from presswork.platforms.facebook_pages import options as facebook_pages
from presswork.platforms.instagram import options as instagram
from presswork.platforms.linkedin import rules as linkedin
from presswork.platforms.mastodon import options as mastodon
from presswork.platforms.names import PlatformName
from presswork.platforms.options import Extra, OptionField, PostOptions
from presswork.platforms.pinterest import options as pinterest
from presswork.platforms.telegram import options as telegram
from presswork.platforms.threads import options as threads
from presswork.platforms.tiktok import rules as tiktok
from presswork.platforms.x import options as x
from presswork.platforms.youtube import rules as youtube

OPTIONS: Final[Sequence[OptionField]] = (
    *instagram.OPTIONS,
    *tiktok.OPTIONS,
    *threads.OPTIONS,
    *facebook_pages.OPTIONS,
    *youtube.OPTIONS,
    *linkedin.OPTIONS,
    *bluesky.OPTIONS,
    *mastodon.OPTIONS,
    *x.OPTIONS,
    *telegram.OPTIONS,
    *pinterest.OPTIONS,
    *part_options.OPTIONS,
)
"""The fields that the platforms add to a target."""
_SCHEMAS: Final[Mapping[str, TypeAdapter[object]]] = {option.name: TypeAdapter(option.schema) for option in OPTIONS}


def extras_of(options: PostOptions, *, platform: PlatformName, mode: Mode) -> Sequence[Extra]:
    """Return what a post's options add to it once it is live. In other modes than `publish`, who posts it takes care of that."""
    if mode is not Mode.PUBLISH:
        return ()
    return [
        extra
        for option in OPTIONS
        if option.is_for(platform, mode) and (value := options.document.get(option.name)) is not None
        for extra in option.extras(value)
    ]


def unknown_options(options: PostOptions) -> Sequence[str]:
    """Return the stored options that this version does not know: a newer version wrote them."""
    unknown = [name for name in options.document if name not in _SCHEMAS]
    for name in options.document.keys() - set(unknown):
        try:
            _SCHEMAS[name].validate_python(options.document[name])
        except ValidationError as error:
            unknown += [".".join(map(str, (name, *issue["loc"]))) for issue in error.errors(include_url=False)]
    return unknown
