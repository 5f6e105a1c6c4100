"""Change one thing in the code at a time, and see whether a test notices, by a fixed seed.

    python scripts/mutants.py [--count 120] [--seed 1] [--minutes 10] [--package sales]

A first run of the tests notes which of them reach which line, and how long each takes; then each
mutant meets those that reach its line, quick ones first. The operators are Cosmic Ray's.

Survivors that change nothing anybody could notice are explained in
`scripts/mutants_explained.toml`. Ends with code 1 when fewer than 85 of 100 others are noticed, or
when an explanation is of a line that is no longer there.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "sales", "revenue", "imports")
#: Where the tests of a package are.
TESTS = {
    "core": ("src/turnus/core", "docs", "tests/core"),
    "sales": ("tests/sales", "tests/contacts", "tests/web/test_settings.py"),
    "revenue": ("tests/revenue",),
    "imports": (
        "tests/imports",
        "tests/revenue/test_copies_in_files.py",
        "tests/revenue/test_steps_in_files.py",
        "tests/revenue/test_subscription_files.py",
        "tests/revenue/test_subscriptions_here.py",
        "tests/revenue/test_subscriptions_twice.py",
    ),
}
#: They kill processes and measure what stands then: slow, and nothing that a changed line needs.
LEFT_OUT = (
    "tests/revenue/test_crashes.py",
    "tests/imports/test_crashing_commands.py",
)
COPIED = (
    "src",
    "tests",
    "docs",
    "scripts",
    "bench",
    "pyproject.toml",
    "README.md",
)
OPERATORS = (
    "core/ReplaceBinaryOperator_Add_Sub",
    "core/ReplaceBinaryOperator_Sub_Add",
    "core/ReplaceBinaryOperator_Mul_Div",
    "core/ReplaceBinaryOperator_Div_Mul",
    "core/ReplaceBinaryOperator_FloorDiv_Mul",
    "core/ReplaceBinaryOperator_Mod_Mul",
    "core/ReplaceBinaryOperator_BitAnd_BitOr",
    "core/ReplaceComparisonOperator_Eq_NotEq",
    "core/ReplaceComparisonOperator_NotEq_Eq",
    "core/ReplaceComparisonOperator_Lt_LtE",
    "core/ReplaceComparisonOperator_LtE_Lt",
    "core/ReplaceComparisonOperator_Gt_GtE",
    "core/ReplaceComparisonOperator_GtE_Gt",
    "core/ReplaceComparisonOperator_Is_IsNot",
    "core/ReplaceComparisonOperator_IsNot_Is",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/AddNot",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/NumberReplacer",
    "core/ZeroIterationForLoop",
)
#: Tests that a mutant meets at first; one that survives them meets all that reach its line.
FIRST_TESTS = 25
ALL_TESTS = 400
PATIENCE_SECONDS = 120
WORKERS = 2
AIM = 0.85


@dataclass(frozen=True, slots=True)
class Key:
    """What names a mutant as long as its line is not changed; `place`: on the line, from 1."""

    path: str
    operator: str
    line: str
    place: int

    def __str__(self) -> str:
        return f"{self.path} {self.operator} (place {self.place}): {self.line}"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the `occurrence`-th place of a file where an operator applies."""

    key: Key
    operator: str
    occurrence: int
    line: int

    @property
    def path(self) -> str:
        """The file that is changed, seen from the root."""
        return self.key.path

    @property
    def package(self) -> str:
        """The package whose code is changed."""
        return Path(self.path).parts[2]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests reach which line of a file, the quick ones first."""

    tests: dict[tuple[str, int], list[str]]

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that reach the line of a mutant."""
        return self.tests.get((mutant.path, mutant.line), [])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a test noticed a mutant."""

    mutant: Mutant
    is_killed: bool


def main() -> int:
    """Draw the sample, try it, and print what survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--package", choices=PACKAGES, action="append")
    arguments = parser.parse_args()
    ends_at = time.monotonic() + arguments.minutes * 60
    packages = arguments.package or PACKAGES
    explained = explanations()
    possible = list(all_mutants())
    stale = explained.keys() - {mutant.key for mutant in possible}
    for key in stale:
        print(f"explained, but not there: {key}", file=sys.stderr)
    reach = reach_of_tests(packages)
    reached = [
        mutant
        for mutant in possible
        if mutant.package in packages and reach.of(mutant)
    ]
    chance = random.Random(arguments.seed)  # noqa: S311 (a sample, no secret)
    sample = chance.sample(reached, min(arguments.count, len(reached)))
    verdicts = tried(sample, reach, ends_at)
    print(
        f"{len(sample)} drawn of {len(reached)}; {len(verdicts)} tried in time"
    )
    return 1 if stale else report(verdicts, explained)


def reach_of_tests(packages: Sequence[str]) -> Reach:
    """Run the tests of packages once; return which of them reach which line of a file."""
    with tempfile.TemporaryDirectory() as folder:
        data_file = Path(folder) / "coverage"
        times_file = Path(folder) / "times.xml"
        command = ["pytest", "-q", "-n", str(WORKERS), "-m", "not browser"]
        command += ["--cov=turnus", "--cov-context=test", "--cov-report="]
        command += [f"--junitxml={times_file}"]
        command += [f"--ignore={path}" for path in LEFT_OUT]
        for package in packages:
            command += TESTS[package]
        subprocess.run(
            command, cwd=ROOT, check=True, env=environment(data_file)
        )
        data = CoverageData(no_disk=True)
        for part in data_file.parent.glob("coverage*"):
            counted_part = CoverageData(basename=str(part))
            counted_part.read()
            data.update(counted_part)
        seconds = seconds_by_test(times_file)
    found: dict[tuple[str, int], list[str]] = {}
    for file in data.measured_files():
        path = Path(file)
        if not path.is_relative_to(ROOT):
            continue
        name = str(path.relative_to(ROOT))
        for line, contexts in data.contexts_by_lineno(file).items():
            tests = {
                context.rpartition("|")[0] for context in contexts if context
            }
            if tests:
                found[name, line] = sorted(
                    tests, key=lambda test: seconds[test]
                )
    return Reach(found)


def seconds_by_test(times_file: Path) -> dict[str, float]:
    """Return how long each test took, by its address; 0 for one that is not named."""
    seconds: dict[str, float] = defaultdict(float)
    # Written by pytest a moment ago.
    for case in ET.parse(times_file).iter("testcase"):  # noqa: S314
        path = case.attrib["classname"].replace(".", "/")
        seconds[f"{path}.py::{case.attrib['name']}"] = float(
            case.attrib["time"]
        )
    return seconds


def environment(data_file: Path) -> dict[str, str]:
    """Return the environment of a run of tests whose coverage goes to a file of its own."""
    return {**os.environ, "COVERAGE_FILE": str(data_file)}


def all_mutants() -> Iterator[Mutant]:
    """Yield each change that is possible inside the functions of the packages."""
    for package in PACKAGES:
        for path in sorted((ROOT / "src" / "turnus" / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from mutants_of(path)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield each change that is possible inside the functions of a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    inside = lines_in_functions(text)
    nodes = list(ast_nodes(get_ast(text)))
    name = str(path.relative_to(ROOT))
    for operator_name in OPERATORS:
        operator = get_operator(operator_name)()
        word = operator_name.removeprefix("core/")
        count_by_line: dict[int, int] = defaultdict(int)
        places = [
            place
            for node in nodes
            for place in operator.mutation_positions(node)
        ]
        for occurrence, (start, _end) in enumerate(places):
            line = start[0]
            if line not in inside:
                continue
            count_by_line[line] += 1
            key = Key(name, word, lines[line - 1].strip(), count_by_line[line])
            yield Mutant(key, operator_name, occurrence, line)


def lines_in_functions(text: str) -> set[int]:
    """Return the lines of statements in functions, without signatures and docstrings."""
    numbers: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                is_text = isinstance(statement, ast.Expr) and isinstance(
                    statement.value, ast.Constant
                )
                if not is_text:
                    numbers.update(
                        range(
                            statement.lineno, (statement.end_lineno or 0) + 1
                        )
                    )
    return numbers


def tried(
    sample: Sequence[Mutant], reach: Reach, ends_at: float
) -> list[Verdict]:
    """Try mutants in copies of the tree, one for each worker, until the time is over."""
    with tempfile.TemporaryDirectory() as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            trees.put(copy_of_tree(Path(folder) / str(number)))

        def try_one(mutant: Mutant) -> Verdict | None:
            if time.monotonic() > ends_at:
                return None
            tree = trees.get()
            try:
                return Verdict(
                    mutant, is_killed(mutant, tree, reach.of(mutant))
                )
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(WORKERS) as threads:
            verdicts = threads.map(try_one, sample)
            return [verdict for verdict in verdicts if verdict is not None]


def copy_of_tree(target: Path) -> Path:
    """Copy what tests need, so that the working tree stays as it is."""
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source,
                target / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy2(source, target / name)
    return target


def is_killed(mutant: Mutant, tree: Path, reaching: Sequence[str]) -> bool:
    """Return whether a test that reaches the changed line fails, or never ends."""
    path = tree / mutant.path
    original = path.read_text(encoding="utf-8")
    changed = mutate_code(
        original, get_operator(mutant.operator)(), mutant.occurrence
    )
    path.write_text(changed, encoding="utf-8")
    try:
        if notices(tree, spread(reaching, FIRST_TESTS)):
            return True
        return len(reaching) > FIRST_TESTS and notices(
            tree, spread(reaching, ALL_TESTS)
        )
    finally:
        path.write_text(original, encoding="utf-8")


def spread(tests: Sequence[str], count: int) -> list[str]:
    """Return at most `count` tests, the first of each file, then the second of each."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        by_file[test.partition("::")[0]].append(test)
    chosen: list[str] = []
    while len(chosen) < min(count, len(tests)):
        for waiting in by_file.values():
            if waiting and len(chosen) < count:
                chosen.append(waiting.pop(0))
    return chosen


def notices(tree: Path, tests: Sequence[str]) -> bool:
    """Return whether one of the tests fails in a tree, or the tests do not end."""
    command = [
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--no-header",
        *tests,
    ]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            check=False,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def report(verdicts: Sequence[Verdict], explained: Mapping[Key, str]) -> int:
    """Print the survivors and the share that was noticed; return the exit code."""
    survivors = [
        verdict.mutant for verdict in verdicts if not verdict.is_killed
    ]
    for mutant in survivors:
        print(f"survived: {mutant.key}, line {mutant.line}")
        print(f"    {explained.get(mutant.key, 'not explained')}")
    killed_count = len(verdicts) - len(survivors)
    open_count = sum(mutant.key not in explained for mutant in survivors)
    counted = killed_count + open_count
    print(
        f"{killed_count} noticed, {len(survivors) - open_count} explained,"
        f" {open_count} neither"
    )
    return 0 if counted and killed_count / counted >= AIM else 1


def explanations() -> dict[Key, str]:
    """Return why mutants survive."""
    path = Path(__file__).with_name("mutants_explained.toml")
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        Key(one["path"], one["operator"], one["line"], one["place"]): one[
            "why"
        ]
        for one in found["survivor"]
    }


if __name__ == "__main__":
    sys.exit(main())
