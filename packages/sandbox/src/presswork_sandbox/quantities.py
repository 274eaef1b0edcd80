"""What can be counted of a post, whatever a platform calls it."""

from enum import StrEnum


class Quantity(StrEnum):
    """One number of a post: a count, unless the name has a unit."""

    VIEWS = "views"
    REACH = "reach"  # people who saw it at least once
    LIKES = "likes"  # reactions of any kind
    COMMENTS = "comments"  # those below the post, never another number
    SHARES = "shares"
    REPOSTS = "reposts"
    QUOTES = "quotes"
    SAVES = "saves"
    CLICKS = "clicks"
    FOLLOWS = "follows"
    PROFILE_VISITS = "profileVisits"
    REPLIES = "replies"  # messages that answer a story
    NAVIGATION = "navigation"  # taps and swipes on a story
    WATCH_SECONDS = "watchSeconds"
