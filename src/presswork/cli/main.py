"""The command `presswork`: which subcommands there are. Each is imported when it runs, so that `--help` is quick."""

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from presswork import __version__
from presswork.cli.run.processes import leave_no_core

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": ("Run it", "Run everything: API, worker, sandbox and database, until Ctrl-C."),
    "api": ("Run it", "Run the API alone."),
    "worker": ("Run it", "Run a worker alone."),
    "sandbox": ("Run it", "Run the sandbox alone."),
    "demo": ("Try it", "Publish a video, a picture and a slideshow to sandbox accounts, and watch."),
    "doctor": ("Try it", "Say what is wrong with this set-up and how to fix it."),
    "config": ("Try it", "Show every setting, where its value comes from and what it means."),
    "login": ("Publish", "Keep a server and a key for these commands."),
    "publish": ("Publish", "Publish files to accounts, now or later, and show what comes of it."),
    "posts": ("Publish", "List the latest posts, or watch them."),
    "post": ("Publish", "Show a post and its timeline."),
    "cancel": ("Publish", "Take posts back that are not live yet."),
    "approve": ("Publish", "Let content go out."),
    "reject": ("Publish", "Keep content from going out."),
    "migrate": ("Administer it", "Bring the database's schema up to date."),
    "backup": ("Administer it", "Write everything into one file, also while it runs."),
    "restore": ("Administer it", "Bring back what a backup holds, where nothing is yet."),
    "org": ("Administer it", "Make and list organizations."),
    "project": ("Administer it", "Make, list and archive projects."),
    "operator": ("Administer it", "Make and list operators, verify their phones."),
    "key": ("Administer it", "Make, list, revoke and kill API keys."),
    "audit": ("Administer it", "Read the audit log, and drop old lines of it."),
    "layer": ("Administer it", "Make and list layers."),
    "provider": ("Administer it", "Configure managed providers."),
    "secrets": ("Administer it", "Show, rotate and retire the secret keys."),
    "music": ("Administer it", "Fill and list the TikTok music catalogue."),
}
"""Each subcommand's help panel and summary."""

_MODULES: Final[Mapping[str, str]] = {
    "up": "run.up",
    "api": "run.api",
    "worker": "run.worker",
    "sandbox": "run.sandbox",
    "demo": "demo.command",
    "doctor": "doctor.command",
}
"""Where a subcommand lives under `presswork.cli`; the others are in `commands`, under their own names."""


def command_named(name: str) -> TyperCommand | TyperGroup:
    """Import a subcommand. Raises ModuleNotFoundError if there is none of that name."""
    module = import_module(f"presswork.cli.{_MODULES.get(name, f'commands.{name}')}")
    command = typer.main.get_command(module.app)
    if not isinstance(command, TyperCommand | TyperGroup):
        raise TypeError(f"the subcommand {name} is not made with Typer")
    return command


class _Subcommands(TyperGroup):
    """Knows its subcommands by name; imports the one that runs."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # Any: Typer keeps these types to itself
        """Return the name, the command and the arguments left for it."""
        name, placeholder, rest = super().resolve_command(ctx, args)
        if name is None or placeholder is None:
            return name, placeholder, rest
        return name, command_named(name), rest


class _Root(_Subcommands):
    def __init__(self, **attributes: Any) -> None:  # Any: what Typer hands through
        super().__init__(**attributes)
        for name, (panel, summary) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary, rich_help_panel=panel))


app: Final = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a defect's trace goes to a log as often as to a person
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def presswork(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Publish one piece of content to many Instagram and TikTok accounts with one API call.

    `presswork up` starts it, `presswork demo` shows it at work.
    """
    _ = version  # answered by its callback
    leave_no_core()
