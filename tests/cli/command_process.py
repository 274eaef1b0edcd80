"""A process that runs commands one after the other, as if a shell had started each: modules are imported once.

Reads lines of JSON, `{"arguments", "environment", "cwd"}`, and replies to each with `{"status", "stdout", "stderr"}`.
"""

import contextlib
import io
import json
import os
import sys


def main() -> None:
    """Serve until standard input ends."""
    from presswork.cli.main import app  # noqa: PLC0415  after the pipes are in place

    replies = sys.stdout
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["cwd"])
        written, err, status = io.BytesIO(), io.StringIO(), 0
        out = io.TextIOWrapper(written, encoding="utf-8", newline="\n")  # some commands write bytes
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                app(request["arguments"], prog_name="presswork")
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
        out.flush()
        replies.write(
            json.dumps({"status": status, "stdout": written.getvalue().decode(), "stderr": err.getvalue()}) + "\n"
        )
        replies.flush()


if __name__ == "__main__":
    main()
