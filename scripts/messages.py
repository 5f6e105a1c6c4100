"""Update the German catalog: extract every text with gettext, keep translations, drop the rest."""

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "turnus"


def main() -> None:
    """Run Django's extraction inside the package, without line numbers, which only make noise."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "turnus.config.settings"}
    command = [
        "-m",
        "django",
        "makemessages",
        "--locale",
        "de",
        "--no-location",
        "--no-obsolete",
        "--no-wrap",
    ]
    done = subprocess.run(
        [sys.executable, *command], cwd=PACKAGE, env=env, check=False
    )
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
