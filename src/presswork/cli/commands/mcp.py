"""`presswork mcp`: the tools of agents on standard input and output, over the API."""

from typing import Final

import typer

from presswork.cli.client.login import read_login
from presswork.cli.output import plain_refusals

app: Final = typer.Typer(add_completion=False)


@app.command()
def mcp() -> None:
    """Serve the tools to an agent on this machine, over standard input and output (Model Context Protocol).

    Agents start it. Server and key are those of `presswork login`, or of PRESSWORK_BASE_URL and PRESSWORK_API_KEY.
    """
    with plain_refusals(as_json=False):
        login = read_login()
    import asyncio  # noqa: PLC0415 - help needs no event loop

    from presswork.cli.client.local_agent import serve  # noqa: PLC0415 - loads the client and the protocol

    asyncio.run(serve(login))
