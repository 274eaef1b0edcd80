"""A worker process of an older version: it does not know the mode `draft`.

Started as `python -m tests.worker.older_worker DSN BASE_URL DATA_DIR`; works until its stdin ends. The value is removed
before the rest of the program is imported, so that no table of it is complete by accident.
"""

import asyncio
import sys

from presswork.core.enums import Mode

del Mode._value2member_map_["draft"]

from tests.worker.skewed_worker import main  # noqa: E402  after the value is gone

if __name__ == "__main__":
    dsn, base_url, data_dir = sys.argv[1:]
    asyncio.run(main(dsn, base_url, data_dir, "0"))
