"""How plainly the code reads, by package: syntax nodes a line, `Any`, long lines, `fmt: skip`.

A line of a function's body carries 6 to 9 syntax nodes in code bases that are easy to read. The
aims: a median package of 9 or fewer, no `Any` in the core and under 150 in all, no line over 100,
under 20 `fmt: skip`.
"""

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "turnus"
LINE_LENGTH = 100
#: Tokens that make no line of code.
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Measure:
    """Counts of some files; a body line is a line of code in a function, without its docstring."""

    body_lines: int = 0
    nodes: int = 0
    any_count: int = 0
    longest_line: int = 0
    long_lines: int = 0
    skip_count: int = 0

    @property
    def nodes_per_line(self) -> float:
        """Return the syntax nodes that a body line carries on average."""
        return self.nodes / self.body_lines if self.body_lines else 0.0

    def add(self, path: Path) -> None:
        """Count one file as well."""
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        self.longest_line = max(self.longest_line, *map(len, lines))
        self.long_lines += sum(len(line) > LINE_LENGTH for line in lines)
        self.skip_count += text.count("# fmt: skip")
        tree = ast.parse(text)
        self.any_count += sum(is_any(node) for node in ast.walk(tree))
        code_lines = lines_of_code(text)
        for function in outermost_functions(tree):
            body = without_docstring(function.body)
            if not body:
                continue
            covered = range(body[0].lineno, (body[-1].end_lineno or 0) + 1)
            self.body_lines += sum(number in code_lines for number in covered)
            self.nodes += sum(
                1 for statement in body for _node in ast.walk(statement)
            )


def main() -> None:
    """Print a line for each package, and the whole."""
    packages = sorted(
        folder
        for folder in SOURCE.iterdir()
        if (folder / "__init__.py").exists()
    )
    rows = [(folder.name, measured([folder])) for folder in packages]
    print(
        f"{'package':<12}{'lines':>7}{'nodes':>7}{'Any':>6}{'longest':>9}{'long':>6}{'skip':>6}"
    )
    for name, counted in [*rows, ("all", measured(packages))]:
        figures = f"{counted.body_lines:>7}{counted.nodes_per_line:>7.1f}{counted.any_count:>6}"
        long = f"{counted.longest_line:>9}{counted.long_lines:>6}{counted.skip_count:>6}"
        print(f"{name:<12}{figures}{long}")
    median = statistics.median(
        counted.nodes_per_line for _name, counted in rows
    )
    print(f"Median package: {median:.1f} nodes a line")


def measured(folders: list[Path]) -> Measure:
    """Return the measure of all files in some folders; migrations are written by Django."""
    total = Measure()
    for folder in folders:
        for path in folder.rglob("*.py"):
            if "migrations" not in path.parts:
                total.add(path)
    return total


def is_any(node: ast.AST) -> bool:
    """Return whether a node is a use of `Any`, not its import."""
    return isinstance(node, ast.Name) and node.id == "Any"


def outermost_functions(node: ast.AST) -> Iterator[Function]:
    """Yield the functions and methods that stand in no other function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child
        else:
            yield from outermost_functions(child)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body but for its docstring."""
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(
        first.value, ast.Constant
    )
    return body[1:] if is_text else body


def lines_of_code(text: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    numbers: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            numbers.update(range(token.start[0], token.end[0] + 1))
    return numbers


if __name__ == "__main__":
    main()
