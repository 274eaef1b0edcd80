"""A process that runs one command after the other, each as if the shell had started it: imports are paid for once.

Reads lines of JSON, `{"arguments", "environment", "cwd"}`, and answers each with `{"status", "stdout", "stderr"}`.
"""

import contextlib
import io
import json
import os
import sys


def main() -> None:
    """Serve until standard input ends."""
    from presswork.cli.main import app  # noqa: PLC0415  after the pipes are in place

    answers = sys.stdout
    for line in sys.stdin:
        ask = json.loads(line)
        os.environ.clear()
        os.environ.update(ask["environment"])
        os.chdir(ask["cwd"])
        out, err, status = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                app(ask["arguments"], prog_name="presswork")
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
        answers.write(json.dumps({"status": status, "stdout": out.getvalue(), "stderr": err.getvalue()}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
