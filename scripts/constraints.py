"""Write `requirements/constraints.txt`: the versions of `run.txt`, without the digests.

`pip install -c requirements/constraints.txt .` then installs what CI has tried.
"""

import re
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
TARGET = REQUIREMENTS / "constraints.txt"
#: PostgreSQL's driver is an extra, so only the tests' lock has it.
_EXTRAS = ("psycopg", "psycopg-binary")
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==[^\s;\\]+(?: *;[^\\\n]*)?",
    re.MULTILINE,
)


def constraints() -> str:
    """Return the lines of the file."""
    lines = _pins("run.txt")
    extras = {
        name: pin for name, pin in _pins("test.txt").items() if name in _EXTRAS
    }
    pins = {**lines, **extras}
    return "".join(f"{pins[name]}\n" for name in sorted(pins))


def _pins(name: str) -> dict[str, str]:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    return {
        match[1]: re.sub(r"\[[^]]*\]", "", match[0]).strip()
        for match in _PIN.finditer(text)
    }


if __name__ == "__main__":
    TARGET.write_text(constraints(), encoding="utf-8")
