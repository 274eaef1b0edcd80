"""Which options of a target a post can't carry. Pure.

The options belong to the platforms, which declare their rules: see `platforms/options.py`.
"""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from presswork.core.enums import MediaType, Mode
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, public_id
from presswork.platforms.findings import Advice, Warned
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionCode, OptionField, PostOptions
from presswork.platforms.part_options import AUTO_SPLIT, joins_parts
from presswork.platforms.port import Platform
from presswork.posts.targets import Target
from presswork.safe_http.failure import URLRefused
from presswork.safe_http.guard import AddressGuard


def option_conditions(target: Target, guard: AddressGuard) -> dict[str, object]:
    """Return what the publish statements check of a target's options, before the call knows the account and the content.

    `unfit` lists each platform and media type, as "<platform> image", whose posts can't carry the options, among them URLs that
    `guard` refuses; `textless` the
    platforms on which the post may have no text; `track` must be in the catalogue; `words` is `option_words`; `may_fail` says
    that the platform's rules have to be asked; `platform` is the one that the options belong to, or "several"; `join_parts`:
    the content's parts may go out as one text. Those that don't apply are omitted.
    """
    sent = list(_sent_options(target))
    unfit = [
        f"{platform.value} {media_type.value}"
        for platform in PlatformName
        for media_type in MediaType
        if any(_refusals(option, value, platform, target.mode, media_type, 0, guard) for option, value in sent)
    ]
    effective = [(option, value) for option, value in sent if target.mode in option.modes]
    textless = [
        option.platform.value
        for option, value in effective
        if option.platform and option.forbids_text(value) is not None
    ]
    track = target.wanted_track
    owners = {option.platform.value for option, _ in sent if option.platform}
    conditions = {
        "platform": owners.pop() if len(owners) == 1 else "several" if owners else None,
        "track": None if track is None else str(track),
        "words": option_words(target),
        "unfit": unfit,
        "textless": textless,
        "may_fail": AUTO_SPLIT in target.options or any(option.may_fail(value) for option, value in effective),
        "join_parts": joins_parts(PostOptions(target.options)),
    }
    return {name: condition for name, condition in conditions.items() if condition}


def ignored_options(target: Target, *, platform: Platform) -> Warned | None:
    """Return a warning if options of the target belong to another platform than its account's."""
    names = [
        f"`{option.name}`"
        for option, _ in _sent_options(target)
        if option.platform not in (None, platform.name) or (option.name == AUTO_SPLIT and not platform.thread_support)
    ]
    if not names:
        return None
    sentence = (
        f"{', '.join(names)} {'are' if len(names) > 1 else 'is'} for another platform and ignored on this target. Remove "
        f"{'them' if len(names) > 1 else 'it'}."
    )
    return Warned(Advice.OPTIONS_IGNORED, sentence)


def option_words(target: Target) -> dict[str, str]:
    """Return by platform, as JSON, the words and media that effective options bring, which an approval of texts covers."""
    words: dict[str, dict[str, str]] = {}
    for option, value in _sent_options(target):
        if option.platform and target.mode in option.modes and (own := option.own_words(value)):
            words.setdefault(option.platform.value, {}).update(own)
    return {platform: json.dumps(own, sort_keys=True) for platform, own in words.items()}


def refuse_mode(target: Target) -> Invalid | None:
    """Return the refusal of options that have no place in the target's mode; the bodies with targets are refused the same way."""
    refused = [
        (option.name, option.refused[target.mode])
        for option, _ in _sent_options(target)
        if target.mode in option.refused
    ]
    if not refused:
        return None
    issues = [Issue.at(name, problem, code) for name, (problem, code) in refused]
    reason = OptionCode.NON_PUBLISH_MODE if any(issue.code == OptionCode.NON_PUBLISH_MODE for issue in issues) else None
    return Invalid(issues, reason=reason)


def refuse_options(
    target: Target, index: int, *, platform: PlatformName, media_type: MediaType, has_text: bool, guard: AddressGuard
) -> Iterator[Invalid]:
    """Yield the refusal of each option that the post can't carry. `has_text`: it has a caption or a first comment."""
    for option, value in _sent_options(target):
        if issues := _refusals(option, value, platform, target.mode, media_type, index, guard):
            reason = issues[0].code
            if option.platform in (None, platform):
                yield Invalid(issues, reason=reason, mediaType=media_type.value)
            else:
                account = public_id(ACCOUNT, target.social_account_id)
                yield Invalid(issues, reason=reason, platform=platform.value, socialAccountId=account)
        elif (
            has_text and option.is_for(platform, target.mode) and (forbidden := option.forbids_text(value)) is not None
        ):
            path = f"targets[{index}].{option.name}{forbidden.path}"
            yield Invalid([Issue.at(path, forbidden.problem, forbidden.reason)], reason=forbidden.reason.value)


def _sent_options(target: Target) -> Iterator[tuple[OptionField, JsonValue]]:
    return ((option, target.options[option.name]) for option in OPTIONS if option.name in target.options)


def _refusals(
    option: OptionField,
    value: JsonValue,
    platform: PlatformName,
    mode: Mode,
    media_type: MediaType,
    index: int,
    guard: AddressGuard,
) -> list[Issue]:
    path = f"targets[{index}].{option.name}"
    if option.platform is not None and option.platform is not platform:
        if not option.is_refused_elsewhere:
            return []
        owner = option.platform.value
        problem = f"is supported for {owner.capitalize()} accounts only. Omit it for other accounts."
        return [Issue.at(path, problem, OptionCode(f"non_{owner}_target"))]
    if mode not in option.modes:
        return []
    unfit = [Issue.at(f"{path}{one.path}", one.problem, one.reason) for one in option.unsuitable(value, media_type)]
    return [*unfit, *_refused_urls(option, value, path, guard)]


def _refused_urls(option: OptionField, value: JsonValue, path: str, guard: AddressGuard) -> Iterator[Issue]:
    """Yield the refusal of each URL that Presswork would fetch and whose form shows that it may not."""
    for member, url in option.fetched(value).items():
        try:
            guard.check_url(url)
        except URLRefused as error:
            yield Issue.at(f"{path}{member}", f"is refused. {error.message}", IssueCode.URL_REFUSED)
