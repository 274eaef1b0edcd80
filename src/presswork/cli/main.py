"""The `presswork` command and its subcommands, which are imported when they run, so that `--help` is fast."""

import gc
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from presswork import __version__
from presswork.cli.options import option
from presswork.cli.own_process import leave_no_core

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": ("Run", "Run the API, a worker, the sandbox and the database, until Ctrl-C."),
    "api": ("Run", "Run the API only."),
    "worker": ("Run", "Run a worker only."),
    "sandbox": ("Run", "Run the sandbox only."),
    "demo": ("Try and check", "Publish samples to sandbox accounts on a temporary server."),
    "doctor": ("Try and check", "Check this installation, and say how to fix each problem."),
    "config": ("Try and check", "Show every setting with its value, source and meaning."),
    "review-kit": ("Try and check", "Write what the reviews of platforms ask for into a folder."),
    "login": ("Publish", "Store a server and an API key for the commands below."),
    "projects": ("Publish", "List the projects of the API key."),
    "connect": ("Publish", "Connect a social account."),
    "accounts": ("Publish", "List the connected accounts."),
    "boards": ("Publish", "List the boards of a Pinterest account."),
    "playlists": ("Publish", "List the playlists of a YouTube account."),
    "publish": ("Publish", "Publish files to accounts, now or later, and show the results."),
    "import-from": ("Publish", "Take over accounts and queued posts from another product."),
    "posts": ("Publish", "List the latest posts, or watch them change."),
    "export-posts": ("Publish", "Export posts with their outcomes as CSV or JSON lines."),
    "insights": ("Publish", "Read the numbers of live posts and of accounts."),
    "post": ("Publish", "Show a post and its timeline."),
    "cancel": ("Publish", "Cancel posts that are not live yet."),
    "edit": ("Publish", "Change the text or options of queued posts."),
    "take-down": ("Publish", "Delete published posts on their platforms."),
    "edit-live": ("Publish", "Change a published post on its platform."),
    "republish": ("Publish", "Publish posts again that failed or were canceled."),
    "queues": ("Publish", "Create queues of slots, list their slots, and close their gaps."),
    "recurrences": ("Publish", "Post content again and again."),
    "comments": ("Publish", "Read comments on live posts, answer them, and decide who does."),
    "content": ("Publish", "List content, or only what waits for approval."),
    "labels": ("Publish", "List the labels of content."),
    "snippets": ("Publish", "Keep snippets, variables and link parameters of a project."),
    "channels": ("Publish", "Send notices of a project to chat rooms and e-mail addresses."),
    "content delete": ("Publish", "Delete content: its media leave the store."),
    "content comments": ("Publish", "List what was written about content."),
    "content comment": ("Publish", "Write about content."),
    "approve": ("Publish", "Approve content."),
    "reject": ("Publish", "Reject content."),
    "request-changes": ("Publish", "Ask for changes to content."),
    "webhooks": ("Publish", "Manage webhook endpoints, and forward events to this machine."),
    "app": ("Publish", "Add, list and change the organization's own platform apps."),
    "verify-live": ("Publish", "Try out accounts with test posts, and write a report."),
    "mcp": ("Publish", "Serve the tools to an agent, such as Claude or Cursor, on this machine."),
    "migrate": ("Administer", "Apply the pending database migrations."),
    "backup": ("Administer", "Write a backup to one file; works while the service runs."),
    "restore": ("Administer", "Restore a backup into an empty installation."),
    "org": ("Administer", "Create and list organizations."),
    "usage": ("Administer", "Show what an organization used, and its limits."),
    "project": ("Administer", "Create, list, archive, export and erase projects."),
    "operator": ("Administer", "Create and list operators, verify their phones."),
    "user": ("Administer", "Invite people, make one-time links, list and disable users."),
    "key": ("Administer", "Create, list, revoke and kill API keys."),
    "audit": ("Administer", "Read and prune the audit log."),
    "insights ask-again": ("Administer", "Ask for metrics again that platforms had removed."),
    "layer": ("Administer", "Create and list layers."),
    "provider": ("Administer", "Configure managed providers."),
    "secrets": ("Administer", "Show, rotate and retire the secret keys."),
    "music": ("Administer", "Import and list the TikTok music catalogue."),
}
"""Each subcommand's help panel and summary."""

_MODULES: Final[Mapping[str, str]] = {
    "up": "run.up",
    "api": "run.api",
    "worker": "run.worker",
    "sandbox": "run.sandbox",
    "demo": "demo.command",
    "doctor": "doctor.command",
    "review-kit": "commands.review_kit",
    "connect": "commands.accounts",
    "boards": "commands.accounts",
    "playlists": "commands.accounts",
    "import-from": "commands.import_from",
    "export-posts": "commands.posts",
    "post": "commands.posts",
    "cancel": "commands.posts",
    "edit": "commands.posts",
    "take-down": "commands.posts",
    "edit-live": "commands.posts",
    "republish": "commands.posts",
    "content delete": "commands.content",
    "content comments": "commands.content",
    "content comment": "commands.content",
    "approve": "commands.content",
    "reject": "commands.content",
    "request-changes": "commands.content",
    "restore": "commands.backup",
    "verify-live": "commands.verify_live",
    "insights ask-again": "commands.removed_metrics",
}
"""The modules of subcommands that are not in `commands` under their own name."""


def command_named(name: str) -> TyperCommand | TyperGroup:
    """Import a subcommand. Raises ModuleNotFoundError if there is none of that name."""
    gc.disable()  # what is imported stays: to look for garbage meanwhile takes a sixth of the start
    try:
        module = import_module(f"presswork.cli.{_MODULES.get(name, f'commands.{name}')}")
    finally:
        gc.enable()
    command = typer.main.get_command(getattr(module, "commands", module).app)
    if isinstance(command, TyperGroup):
        command = command.commands.get(name, command)  # some modules have several commands of the program
    if not isinstance(command, TyperCommand | TyperGroup):
        raise TypeError(f"the subcommand {name} is not made with Typer")
    return command


class _Program(TyperGroup):
    """Lists the subcommands by name, and imports the one that runs."""

    def __init__(self, **attributes: Any) -> None:  # Any: passed through to Typer
        super().__init__(**attributes)
        for name, (panel, summary) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary, rich_help_panel=panel))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # Any: Typer does not export these types
        """Return the name, the command and the arguments left for it."""
        name, placeholder, rest = super().resolve_command(ctx, args)
        if name is None or placeholder is None:
            return name, placeholder, rest
        if rest and (longer := f"{name} {rest[0]}") in COMMANDS:
            name, rest = longer, rest[1:]
        command = command_named(name)
        _tidy_help(command, ctx)
        return name, command, rest

    def format_help(self, ctx: Any, formatter: Any) -> None:  # Any: as above
        """Print the help of the program."""
        _tidy_help(self, ctx)
        super().format_help(ctx, formatter)


def _tidy_help(command: Any, ctx: Any) -> None:  # Any: as above
    """Fill the lines of the help texts, which end where those of the source do, and show no type for flags."""
    command.help = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    for parameter in command.get_params(ctx):
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    for below in getattr(command, "commands", {}).values():
        _tidy_help(below, ctx)


app: Final = typer.Typer(
    cls=_Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback often goes to a log, not to a terminal
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def presswork(
    version: bool = option("--version", "Print the version and exit.", False, callback=_show_version, is_eager=True),
) -> None:
    """Publish one piece of content to many social accounts with one API call.

    `presswork up` starts the service, `presswork demo` shows how it works.
    """
    _ = version  # handled by its callback
    leave_no_core()
