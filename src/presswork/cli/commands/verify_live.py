"""`presswork verify-live`: try out an account with test posts, and write down what became of each step."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import typer
from rich.text import Text

from presswork import __version__
from presswork.cli.client.command import FAILED_STATUS, INTERRUPTED_STATUS, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import account_name, link_of, reasons_of
from presswork.cli.client.verify import Choice, Step, Trial, Verifier, plan_trials
from presswork.cli.command import Commands, Output, table_of_rows
from presswork.cli.options import AsJSON, option
from presswork.cli.output import print_table, say
from presswork.core.timestamps import write_instant
from presswork_client import PressworkError, choices

if TYPE_CHECKING:
    from presswork_client import Presswork, SocialAccount

commands: Final = Commands(on_server)

_ADMIN: Final = "org:admin"
_STYLES: Final[Mapping[str, str]] = {
    "passed": "green",
    "failed": "bold red",
    "unknown": "yellow",
    "not possible": "dim",
}
_NAME: Final = "verified-live"


@commands.command("verify-live")
def verify_live(
    client: Presswork,
    account: list[str] | None = option("--account ACCOUNT", "Account to try out, sa_…; can be repeated."),
    env: str | None = option("--env ENV", "Require an API key of this environment: test or live."),
    keep: bool = option("--keep", "Leave the test posts on the platform.", False),
    out: Path = option("--out DIR", "Folder for the report.", Path()),
    record: bool = option(
        "--record", "Write the shapes of the platform's answers, which the tests of the sandbox read.", False
    ),
    api_version: str | None = option("--api-version TEXT", "Version of the platform's API, for the report."),
    app_tier: str | None = option("--app-tier TEXT", "What the platform has granted your app, for the report."),
    timeout: float = option("--timeout SECONDS", "Maximum time for each step of all posts.", 900),
    yes: bool = option("--yes", "Do not ask before posting.", False),
    as_json: AsJSON = False,
) -> Output:
    """Publish a test post of each kind that an account accepts, to the smallest audience there is, look for it, comment, change it and take it down.

    It lists the posts with what they cost, and asks before it posts to a real account. The response to one more post is lost on purpose,
    and the post has to be found again; that needs a key with org:admin.

    Exit status 0: no step failed. 1: one did.
    """
    caller = client.service.whoami()
    environment = caller.environment if env is None else one_of(get_args(choices.Environment), env, "environment")
    if caller.environment != environment:
        raise NotPossible(
            f"The API key is not of the environment {environment}. Run `presswork login` with one that is."
        )
    is_asking = environment == "live" and not yes
    if is_asking and (as_json or not sys.stdin.isatty()):
        raise NotPossible("This posts to a real account. Pass --yes to confirm it.")
    can_lose = _ADMIN in caller.scopes
    if record and not can_lose:
        raise NotPossible(f"--record needs a key with {_ADMIN}.")
    accounts = _find_accounts(client, account, environment)
    described = {one.name: one for one in client.platforms.list().items}
    trials = [trial for one in accounts for trial in plan_trials(one, described[one.platform], loses_response=can_lose)]
    verifier = Verifier(
        client=client,
        timeout=timedelta(seconds=timeout),
        report=(lambda _: None) if as_json else say,
        choose=_ask_choice if is_asking else _take_first,
        records=record,
    )
    verifier.prepare(trials)
    if not as_json:
        _show_plan(client, trials, keeps=keep, loses_response=can_lose)
    if is_asking and not typer.confirm(f"Publish {len(trials)} test posts now?", err=True):
        verifier.discard(trials)
        raise typer.Abort
    began_at = datetime.now(UTC)
    end: BaseException | None = None
    try:
        verifier.run(trials, keeps=keep)
    except (KeyboardInterrupt, PressworkError) as error:  # what was done is written down before
        end = error
    facts = {
        "presswork": __version__,
        "date": write_instant(began_at),
        "environment": environment,
        "apiVersion": api_version,
        "appTier": app_tier,
    }
    document = {**facts, "accounts": [_describe(one, trials) for one in accounts]}
    files = _write(out, document, trials)
    notes = [f"The report: {files[0]} and {files[1]}."]
    if record and end is None:
        recorded = [_write_recorded(out, one, facts, verifier, trials) for one in accounts]
        notes.append(f"The shapes of the platforms' answers, without values: {', '.join(map(str, recorded))}.")
    left = [f"{trial.name}: {_place_of(trial)}" for trial in trials if trial.may_be_live]
    notes += ["Live, or perhaps live. Delete them in the app where they should not stay:", *left] if left else []
    if isinstance(end, PressworkError):
        for note in notes:
            say(note)
        raise end
    is_failed = any(step.outcome == "failed" for trial in trials for step in trial.steps)
    return table_of_rows(
        ("account", "content", "step", "outcome", "note"),
        [
            (
                account_name(trial.account),
                trial.kind,
                step.name,
                Text(step.outcome, style=_STYLES[step.outcome]),
                step.note,
            )
            for trial in trials
            for step in trial.steps
        ],
        document=document,
        empty="Nothing was done.",
        wrap="note",
        notes=notes,
        status=INTERRUPTED_STATUS if end is not None else FAILED_STATUS if is_failed else 0,
    )


def _find_accounts(client: Presswork, named: Sequence[str] | None, environment: str) -> Sequence[SocialAccount]:
    """Return the accounts to try out. Raises NotPossible if one is not ready."""
    if not named:
        if environment != "test":
            raise NotPossible("Pass the account to try out with --account. `presswork accounts` lists them.")
        return _connect_samples(client)
    accounts = [client.social_accounts.get(social_account_id=one) for one in named]
    for one in accounts:
        if not one.readiness.publish.ready:
            raise NotPossible(f"{account_name(one)} is not ready to publish: {', '.join(reasons_of(one))}.")
    return accounts


def _connect_samples(client: Presswork) -> Sequence[SocialAccount]:
    """Connect an account of the sandbox on each platform, whose owner approves at once. Raises NotPossible."""
    import httpx2  # noqa: PLC0415 - loads the HTTP client, which help does not need

    mark = datetime.now(UTC)
    project = client.projects.create(name=f"verify-live {mark:%Y-%m-%d %H:%M:%S}", timezone="UTC").id
    accounts = []
    with httpx2.Client(timeout=30, follow_redirects=True) as browser:
        for platform in client.platforms.list().items:
            login = client.social_accounts.create_oauth_url(project_id=project, platform=platform.name)
            answers = {"account": f"verify{mark:%d%H%M%S}.example", "decision": "approve"}
            browser.get(httpx2.URL(login.authorize_url).copy_merge_params(answers))
            status = client.social_accounts.get_oauth_status(state=login.state)
            if status.social_account_id is None:
                raise NotPossible(
                    f"The sandbox connected no account of {platform.title} ({status.error}). See its log."
                )
            accounts.append(client.social_accounts.get(social_account_id=status.social_account_id))
    return accounts


def _take_first(_account: SocialAccount, _name: str, found: Sequence[Choice]) -> Choice:
    return found[0]


def _ask_choice(account: SocialAccount, name: str, found: Sequence[Choice]) -> Choice:
    """Ask which of several things of an account the test posts use."""
    if len(found) == 1:
        return found[0]
    for number, one in enumerate(found, 1):
        say(f"{number}. {one.name}")
    number = 0
    while not 1 <= number <= len(found):
        number = typer.prompt(f"Which of the {name} of {account_name(account)}", type=int, default=1, err=True)
    return found[number - 1]


def _show_plan(client: Presswork, trials: Sequence[Trial], *, keeps: bool, loses_response: bool) -> None:
    """Print what will be done, and what it costs."""
    rows = [
        (
            account_name(trial.account),
            trial.kind,
            _list_options(trial) or "as the account posts",
            f"refused: {trial.refusal}" if trial.refusal else trial.text,
        )
        for trial in trials
    ]
    print_table(("account", "content", "audience", "text"), rows, empty="There is nothing to do.", wrap="text")
    say("Each post is published, looked for, and changed where the platform has a call for it.")
    say(
        "The posts stay: --keep."
        if keeps
        else "Then they are taken down. Where no call does that, this command lists them, and you delete them in the app."
    )
    if not loses_response:
        say(f"The lost response is left out: the key has no {_ADMIN}.")
    for sentence in _list_costs(client, trials):
        say(sentence)


def _list_options(trial: Trial) -> str:
    return ", ".join(
        f"{name} {value}" for one in (trial.audience, trial.chosen) for of in one.values() for name, value in of.items()
    )


def _list_costs(client: Presswork, trials: Sequence[Trial]) -> Iterator[str]:
    """Yield what the posts of each project and platform cost at most, with the budget that the project has for it."""
    costs: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        if trial.cost is not None:
            costs.setdefault((trial.account.project_id, trial.platform.name), []).append(trial)
    for (project_id, name), charged in costs.items():
        amount = sum(trial.cost.amount for trial in charged if trial.cost is not None)
        currency = next(trial.cost.currency for trial in charged if trial.cost is not None)
        budget = (client.projects.get(project_id=project_id).budgets or {}).get(name)
        has = "no budget for it" if budget is None else f"a budget of {budget.monthly_usd:g} USD a month"
        title = charged[0].platform.title
        yield f"{title} charges up to {amount:g} {currency} for {len(charged)} of these posts. The project has {has}."


def _place_of(trial: Trial) -> str:
    post = trial.post
    return "" if post is None else link_of(post) or post.external_id or post.id


def _describe(account: SocialAccount, trials: Sequence[Trial]) -> Mapping[str, object]:
    """Return what the report says about an account, without its name and ids."""
    own = [trial for trial in trials if trial.account is account]
    return {
        "platform": account.platform,
        "login": account.login,
        "posts": [
            {
                "content": trial.kind,
                "audience": trial.audience,
                "estimatedCost": None if trial.cost is None else trial.cost.raw,
                "steps": [{"step": one.name, "outcome": one.outcome, "note": one.note} for one in trial.steps],
            }
            for trial in own
        ],
        "differences": [f"{trial.kind}, {one.name}: {one.note}" for trial in own for one in _differing(trial)],
    }


def _differing(trial: Trial) -> Sequence[Step]:
    """Return the steps that end otherwise than with the sandbox, where no step fails."""
    return [step for step in trial.steps if step.outcome == "failed"]


def _write(folder: Path, document: Mapping[str, object], trials: Sequence[Trial]) -> tuple[Path, Path]:
    """Write the report as JSON, and as a row of docs/verified-live.md for each account. Raises NotPossible."""
    rows = [_row_of(account, document, trials) for account in {id(one.account): one.account for one in trials}.values()]
    return (
        _write_file(folder / f"{_NAME}.json", json.dumps(document, indent=2, ensure_ascii=False)),
        _write_file(folder / f"{_NAME}.md", "\n".join([*_HEAD, *rows])),
    )


def _write_recorded(
    folder: Path, account: SocialAccount, facts: Mapping[str, object], verifier: Verifier, trials: Sequence[Trial]
) -> Path:
    """Write what the platform of an account answered, as tests/recorded has it. Raises NotPossible."""
    answers = verifier.list_recorded([trial for trial in trials if trial.account is account])
    document = {
        "platform": account.platform,
        "login": account.login,
        **facts,
        "answers": [answer.as_json() for answer in answers],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return _write_file(folder / f"recorded-{account.platform}-{account.login}.json", text)


def _write_file(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise NotPossible(f"{path} can't be written: {error.strerror}. Choose another folder with --out.") from error
    return path


_HEAD: Final = (
    "| date | platform | Presswork | API version | app tier | passed | not possible | unknown | what differed from the sandbox |",
    "|---|---|---|---|---|---|---|---|---|",
)


def _row_of(account: SocialAccount, facts: Mapping[str, object], trials: Sequence[Trial]) -> str:
    own = [trial for trial in trials if trial.account is account]
    where = ", sandbox" if facts["environment"] == "test" else ""
    cells = (
        str(facts["date"])[:10],
        f"{account.platform} ({account.login}{where})",
        facts["presswork"],
        facts["apiVersion"] or "not stated",
        facts["appTier"] or "not stated",
        *(_list_steps(own, outcome) for outcome in ("passed", "not possible", "unknown")),
        "; ".join(f"{trial.kind}, {step.name}: {step.note}" for trial in own for step in _differing(trial))
        or "nothing",
    )
    return f"| {' | '.join(' '.join(str(cell).replace('|', '/').split()) for cell in cells)} |"


def _list_steps(trials: Sequence[Trial], outcome: str) -> str:
    """Return the steps that ended so, each with its kinds of content: "publish (text, image), edit (text)"."""
    kinds: dict[str, list[str]] = {}
    for trial in trials:
        for step in trial.steps:
            if step.outcome == outcome:
                kinds.setdefault(step.name, []).append(trial.kind)
    return ", ".join(f"{name} ({', '.join(found)})" for name, found in kinds.items()) or "none"
