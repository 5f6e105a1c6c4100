"""What explains a surviving mutant is of a line that is still there."""

import tomllib

from tests.architecture.source import ROOT

EXPLAINED = ROOT / "scripts" / "mutants_explained.toml"


def test_each_explained_survivor_is_of_a_line_that_stands_in_its_file() -> (
    None
):
    stale = []
    for survivor in tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))[
        "survivor"
    ]:
        path = ROOT / survivor["path"]
        lines = (
            path.read_text(encoding="utf-8").splitlines()
            if path.exists()
            else []
        )
        if survivor["line"] not in [line.strip() for line in lines]:
            stale.append(survivor["line"])
    assert not stale, "the code has changed: does the explanation still hold?"
