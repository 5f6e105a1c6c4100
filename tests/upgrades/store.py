"""Store the database of today's state, and what it says: `python -m tests.upgrades.store NAME`.

To be run before each release; what is stored is never changed afterwards.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.upgrades.stories import STATES, dump, make_instance, readings_of


def main(name: str) -> None:
    """Make an instance, and write its dump and its readings."""
    with tempfile.TemporaryDirectory() as folder:
        make_instance(Path(folder))
        # An import remembers where its file stood; nobody needs to know that of this machine.
        text = dump(Path(folder)).replace(folder, "/srv/turnus")
        STATES.mkdir(exist_ok=True)
        (STATES / f"{name}.sql").write_text(text, encoding="utf-8")
        readings = json.dumps(
            readings_of(Path(folder)), ensure_ascii=False, indent=1
        )
        (STATES / f"{name}.json").write_text(readings + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
