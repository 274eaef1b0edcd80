"""What the cases of the SDKs need: a running server behind a lossy proxy, keys, a project, accounts and files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
from tests.cli.program import CommandProcess, Up, environment
from tests.sdk.lossy_proxy import lossy_proxy

from presswork.media.samples import sample_picture

RETURN_URL: Final = "http://localhost/back"


@contextmanager
def world(
    folder: Path, command_process: CommandProcess, up: Up, name: str, *, more_clients: Sequence[str] = ()
) -> Iterator[Mapping[str, str]]:
    """Yield the names that cases use: `$baseUrl`, `$directUrl`, `$apiKey`, `$project`, `$instagram`, `$tiktok`, `$threads`, …

    `name` is that of the organization, and the handles of its accounts begin with it. Each of `more_clients` has an account
    `tiktok of …`, since TikTok takes only a few posts of an account a minute.
    """
    handles = {"instagram": f"{name}.instagram", "tiktok": f"{name}tiktok", "threads": f"{name}.threads"}
    with lossy_proxy(up.url) as url:
        key = make_key(command_process, up, folder, name, "*")
        admin = make_key(command_process, up, folder, name, "*,org:admin")
        narrow = make_key(command_process, up, folder, name, "content:read")
        for number in (1, 2):
            (folder / f"picture-{number}.jpg").write_bytes(sample_picture(720, 900, seed=number))
        with httpx2.Client(base_url=up.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            project = made(client.post("/v1/projects", json={"name": "SDK", "timezone": "Europe/Berlin"}))
            accounts = {platform: connect(client, project, platform, handle) for platform, handle in handles.items()}
            for other in more_clients:
                accounts[f"tiktok of {other}"] = connect(client, project, "tiktok", f"{handles['tiktok']}{other}")
        yield {
            "baseUrl": url,
            "directUrl": up.url,
            "apiKey": key,
            "adminKey": admin,
            "narrowKey": narrow,
            "project": project,
            "picture": str(folder / "picture-1.jpg"),
            "secondPicture": str(folder / "picture-2.jpg"),
            "missingFile": str(folder / "no-such-file.jpg"),
            "unknownAccount": f"sa_{uuid4()}",
            **accounts,
        }


def make_key(
    command_process: CommandProcess, up: Up, folder: Path, organization: str, scopes: str, *, env: str = "test"
) -> str:
    done = command_process.run(
        ["key", "create", "--org", organization, "--env", env, "--scopes", scopes, "--return-domain", "localhost",
         "--data-dir", str(up.data_dir), "--json"],
        environment=environment(),
        cwd=folder,
    )  # fmt: skip
    assert done.status == 0, done.stderr
    return str(json.loads(done.stdout)["key"])


def made(answer: httpx2.Response) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def connect(client: httpx2.Client, project: str, platform: str, handle: str, **more: str) -> str:
    """Connect a sandbox account by OAuth and return its id."""
    asked = {"platform": platform, "returnUrl": RETURN_URL, **more}
    login = client.post(f"/v1/projects/{project}/social/oauth-url", json=asked).json()
    answer = client.get(f"{login['authorizeUrl']}&account={handle}&decision=approve")
    while answer.is_redirect and not answer.headers["Location"].startswith(RETURN_URL):
        answer = client.get(answer.headers["Location"])
    return str(client.get(f"/v1/social/oauth-status/{login['state']}").json()["socialAccountId"])
