"""Say in plain words where a post stands, why, and what to do. The facts and the advice on errors are the API's."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from presswork.agents.tool_model import JSON, ToolResult

_WAITS: Final[Mapping[str, str]] = {
    "approval": "its content was edited and waits for approval",
    "lane": "another post of the same account is being published first",
    "rate_limit": "a limit of the platform has been reached",
    "retry": "a temporary error happened; Presswork tries again",
    "outcome_unknown": "the platform's answer was lost; Presswork asks whether the post is live",
    "processing": "the platform is still processing it",
    "provider": "the provider has it and has not reported the outcome",
    "setting": "the operator of this service has not set up the platform",
    "worker": "no worker has claimed it yet",
}
_AGAIN: Final = "Wait some seconds, then call explain_post again. Don't publish it a second time."
_ENDED: Final = frozenset({"published", "draft", "failed", "canceled"})
_DOWN: Final[Mapping[str, str]] = {
    "taking_down": "It was published, and is being taken down.",
    "taken_down": "It was published, and was taken down since. It is not live any more.",
    "gone": "It was published, and was deleted on its platform since. It is not live any more.",
}
_SHOWN_STEPS: Final = 30
"""The newest steps of a timeline are enough to explain it."""


def explain(post: JSON, timeline: Mapping[str, Any]) -> ToolResult:
    """Explain a post from its fields and its timeline."""
    explanation, step = _explain_status(post, timeline.get("waiting") or {})
    items = [{name: one[name] for name in ("at", "event", "message")} for one in timeline["items"]][-_SHOWN_STEPS:]
    lines = [f"{post['id']} ({post['platform']}, {post['mode']}): {explanation}", f"What to do: {step}", "Timeline:"]
    lines += [f"{one['at']} {one['event']}: {one['message']}" for one in items]
    data = {
        "explanation": explanation,
        "nextStep": step,
        "hasEnded": post["status"] in _ENDED,
        "post": post,
        "timeline": items,
    }
    return ToolResult(text="\n".join(lines), data=data)


def _explain_status(post: JSON, waiting: Mapping[str, Any]) -> tuple[str, str]:
    """Return where a post stands and why, and what to do."""
    match post["status"]:
        case "queued" | "publishing" if waiting:
            return _explain_wait(post, waiting)
        case "queued":
            return (
                f"It is scheduled for {post['scheduledFor']} and not due yet.",
                "Nothing. edit_post changes its text, cancel_post prevents it.",
            )
        case "publishing":
            return "It is being published right now.", _AGAIN
        case "published" if post.get("liveStatus") in _DOWN:
            return _DOWN[post["liveStatus"]], _AGAIN if post["liveStatus"] == "taking_down" else "Nothing."
        case "published" if post.get("liveAdvice"):
            return "It is live, and it could not be taken down.", post["liveAdvice"]
        case "published":
            link = post.get("sandboxUrl") or post.get("externalUrl")
            where = f": {link}" if link else "; the platform has not reported its link yet"
            if post.get("threadStatus") in {"partial", "unknown"}:
                return (
                    f"A part of its thread is live since {post.get('publishedAt')}{where}. {post['lastError']['message']}",
                    "Add the missing parts in the platform's app. Don't publish it a second time.",
                )
            extras, step = _explain_extras(post.get("extras") or [])
            return f"It is live since {post.get('publishedAt')}{where}.{extras}", step
        case "draft":
            return (
                "It was delivered as a draft; nothing is public.",
                "The creator finishes it in the app or on the page.",
            )
        case "canceled":
            return (
                f"It was canceled at {post.get('canceledAt')} and was not posted.",
                "Publish again if it is still wanted.",
            )
        case _:
            return _explain_failure(post.get("lastError") or {})


def _explain_extras(extras: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return what is said of the extras of a live post, and what to do."""
    names: dict[str, list[str]] = {}
    for one in extras:
        names.setdefault(one["status"], []).append(" ".join(filter(None, (one["kind"], one["subject"]))))
    said = [
        f" Its extras that are {status}: {', '.join(names[status])}."
        for status in ("pending", "failed")
        if status in names
    ]
    if "failed" in names:
        step = "Do what the timeline says about each extra that failed; publishing again would make a second post."
    else:
        step = _AGAIN if "pending" in names else "Nothing. It is done."
    return "".join(said), step


def _explain_wait(post: JSON, waiting: Mapping[str, Any]) -> tuple[str, str]:
    reason = waiting["reason"]
    until = f" It continues at {waiting['until']}." if waiting.get("until") else ""
    behind = f" Ahead of it: {waiting['behind']}." if waiting.get("behind") else ""
    why = _WAITS.get(reason, f"it waits ({reason})")
    step = {
        "approval": "Ask a person to review the content, then call approve or reject.",
        "setting": "Ask the operator of this service to set up the platform.",
    }.get(reason, _AGAIN)
    return f"It is {post['status']} and waits: {why}.{until}{behind}", step


def _explain_failure(error: Mapping[str, Any]) -> tuple[str, str]:
    """The message of an error says what happened and what to do."""
    explanation = f"It failed with {error.get('code')} at the step {error.get('step')}: {error.get('message')}"
    if error.get("code") == "OUTCOME_UNKNOWN":
        return (
            explanation,
            "It may be live. Ask a person to look at the account; publish again only if it is not there.",
        )
    if error.get("code") == "CREDENTIAL_INVALID":
        return explanation, "Ask a person to connect the account again; then publish again with a new idempotencyKey."
    return explanation, "Nothing is live. Do what the message says, then publish again with a new idempotencyKey."
