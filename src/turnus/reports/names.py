"""The names of all reports, for a command that does not load them."""

from pathlib import Path

_CATALOG = Path(__file__).parent / "catalog"


def report_names() -> list[str]:
    """Return the names of the modules in the catalog, which are those of the reports."""
    return sorted(
        path.stem for path in _CATALOG.glob("*.py") if path.stem != "__init__"
    )
