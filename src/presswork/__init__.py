"""Presswork: publish one piece of content to many social accounts with one call."""

import sys

__version__ = "0.1.0"

# The wheel contains the client and the sandbox of the same version here. They come before distributions of these names, which may
# have another version. In a repository there is no such folder.
sys.path.insert(0, f"{__path__[0]}/_bundled")
