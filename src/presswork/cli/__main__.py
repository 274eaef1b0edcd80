"""`python -m presswork.cli`: the same program as the command `presswork`."""

from presswork.cli.main import app

if __name__ == "__main__":
    app(prog_name="presswork")
