"""`presswork insights ask-again`: ask platforms again for metrics that they had removed."""

from typing import Final

from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, table_of_rows
from presswork.cli.options import option
from presswork.insights.store import forget_removed
from presswork.platforms.names import LoginName

commands: Final = Commands(on_database)


@commands.command("insights ask-again")
async def ask_again(
    admin: Admin,
    login: LoginName | None = option("--login LOGIN", "Only metrics of this login, such as instagram."),
) -> Output:
    """Ask platforms again for the metrics that they reported to be invalid, and list these.

    A metric that is still invalid is found out with the next read, and not asked for again.
    """
    found = await forget_removed(admin.connection, login)
    return table_of_rows(
        ("login", "environment", "version", "metric"),
        [(one.login, one.environment, one.api_version, one.metric) for one in found],
        document={
            "items": [
                {"login": one.login, "environment": one.environment, "version": one.api_version, "metric": one.metric}
                for one in found
            ]
        },
        empty="No platform has removed a metric.",
        notes=("They are asked for with the next reads.",) if found else (),
    )
