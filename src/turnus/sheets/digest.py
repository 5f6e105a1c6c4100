"""What detects the very same file later."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the digest of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1024 * 1024), b""):
            digest.update(block)
    return digest.hexdigest()
