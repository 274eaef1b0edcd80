"""What is fixed about LinkedIn: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

_ORGANIZATION_IDS: Final = 71_000_000


def _ids_of(number: int, secret: str) -> tuple[str, str]:
    """Return the number of the account's organization, and the id that its person has for one app."""
    return str(_ORGANIZATION_IDS + number * 3_001), secret[:10]


FACTS: Final = PlatformFacts(
    name="linkedin",
    brand="LinkedIn",
    # www.linkedin.com is not among them: people see posts there, and the calls of programs carry the sandbox's token anyway.
    hosts=frozenset({"api.linkedin.com"}),
    authorize_paths=r"www\.linkedin\.com/oauth/v2/authorization",
    operations=(
        "token",
        "refresh",
        "revoke",
        "userinfo",
        "organization_acls",
        "organizations",
        "images_initialize",
        "videos_initialize",
        "documents_initialize",
        "upload",
        "videos_finalize",
        "media_status",
        "posts",
        "post",
        "posts_by_author",
        "comments",
        "comments_list",
        "comment",
        "comment_update",
        "comment_delete",
        "reactions",
        "reactions_delete",
        "event_subscriptions",
        "notifications",
        "post_update",
        "delete",
    ),
    job_operations=frozenset(
        {
            "images_initialize",
            "videos_initialize",
            "documents_initialize",
            "upload",
            "videos_finalize",
            "media_status",
            "posts",
        }
    ),
    has_numeric_codes=False,
    kinds={"linkedin_post": "Post", "text": "Text", "link": "Link", "document": "Document", "poll": "Poll"},
    kind_of_media={
        "image": "linkedin_post",
        "video": "linkedin_post",
        "multi": "linkedin_post",
        "text": "text",
        "document": "document",
    },
    ids_of=_ids_of,
    glyph='<rect x="3" y="3" width="18" height="18" rx="3"/><path d="M8 11v6M12 17v-6M12 14a2.2 2.2 0 0 1 4.4 0v3"/>'
    '<circle cx="8" cy="7.6" r="1" class="dot"/>',
    privacy_names={
        "PUBLIC": "",
        "PUBLIC_TO_EVERYONE": "",
        "CONNECTIONS": "Connections only",
        "LOGGED_IN": "LinkedIn members only",
    },
    settings={"pageRole": SettingKind.TEXT},
    samples=(
        SampleAccount(handle="fernhill-coffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira-okafor", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas-lindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
