"""`python -m presswork_sandbox`, the same as the `presswork-sandbox` command."""

import sys

from presswork_sandbox.command import main

if __name__ == "__main__":
    sys.exit(main())
