"""Set up everything a make target needs, then run a command in the project's environment.

    python3 scripts/bootstrap.py run  turnus serve     # the application only python3
    scripts/bootstrap.py test pytest           # with the test tools python3 scripts/bootstrap.py
    mutants python …      # with what changes code to see whether tests notice

Needs Python 3.11 and pip, nothing else; Node is fetched as a Python package if it is missing. The
second call finds a stamp and costs nothing. `TURNUS_UV=0` forces the plain way (venv and pip).
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
UV = "uv==0.13.9"
#: What a purpose needs, from `requirements/`.
PURPOSES = {"run": ("run",), "test": ("test",), "mutants": ("test", "mutants")}
#: What the environment is made from: when one of them changes, it is brought up to date.
INPUTS = (
    "pyproject.toml",
    "hatch_build.py",
    "requirements/run.txt",
    "requirements/test.txt",
    "requirements/mutants.txt",
    "frontend/package-lock.json",
)


def main(arguments: list[str]) -> int:
    """Prepare the environment for the purpose `arguments[0]` and run the rest in it."""
    if len(arguments) < 1 or arguments[0] not in PURPOSES:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 (the project needs it; whoever runs this may have less)
        print(
            f"Turnus needs Python 3.11 or newer; this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 1
    prepare(arguments[0])
    return execute(arguments[1:]) if arguments[1:] else 0


def prepare(purpose: str) -> None:
    """Create or update the environment unless its stamp is current; then build what is stale."""
    stamp = VENV / f"turnus-{purpose}.stamp"
    if (
        not stamp.exists()
        or stamp.read_text(encoding="ascii") != fingerprint()
    ):
        print(
            f"Setting up {VENV.name} ({purpose}) ...",
            file=sys.stderr,
            flush=True,
        )
        install(purpose)
        stamp.write_text(fingerprint(), encoding="ascii")
        if purpose != "run":
            (VENV / "turnus-run.stamp").write_text(
                fingerprint(), encoding="ascii"
            )
    run([str(BIN / "python"), str(ROOT / "hatch_build.py")])
    if purpose != "run":
        run(
            [str(BIN / "python"), str(ROOT / "scripts" / "system_programs.py")]
        )


def fingerprint() -> str:
    """Return a digest of the files that the environment is made from, and of the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install(purpose: str) -> None:
    """Install what is pinned for a purpose, and the project: with uv, else with venv and pip."""
    names = [
        str(ROOT / "requirements" / f"{name}.txt")
        for name in PURPOSES[purpose]
    ]
    pinned = [argument for name in names for argument in ("-r", name)]
    uv = find_uv()
    if uv and try_uv(uv, pinned):
        return
    if not (BIN / "python").exists():
        run([sys.executable, "-m", "venv", str(VENV)])
    pip = [
        str(BIN / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", *pinned])
    run([*pip, "hatchling>=1.27"])
    run([*pip, "--no-deps", "-e", str(ROOT)])


def try_uv(uv: str, pinned: list[str]) -> bool:
    """Install with uv, on this very interpreter; say whether it worked."""
    env = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "VIRTUAL_ENV": str(VENV),
    }
    steps = [
        [uv, "pip", "install", "--quiet", "--require-hashes", *pinned],
        [uv, "pip", "install", "--quiet", "hatchling>=1.27"],
        [uv, "pip", "install", "--quiet", "--no-deps", "-e", str(ROOT)],
    ]
    if not (BIN / "python").exists():
        steps.insert(
            0,
            [
                uv,
                "venv",
                "--quiet",
                "--clear",
                "--python",
                sys.executable,
                str(VENV),
            ],
        )
    return all(
        subprocess.run(step, env=env, cwd=ROOT, check=False).returncode == 0
        for step in steps
    )


def find_uv() -> str | None:
    """Return a uv: the one on PATH, else one installed into `.tools`; None without either."""
    if os.environ.get("TURNUS_UV") == "0":
        return None
    local = TOOLS / "bin" / "uv"
    found = shutil.which("uv")
    if found or local.exists():
        return found or str(local)
    # --target also works where Debian marks its Python as externally managed.
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        str(TOOLS),
        UV,
    ]
    if subprocess.run(pip, check=False).returncode != 0:
        return None
    return str(local) if local.exists() else None


def run(command: list[str]) -> None:
    """Run `command` and end with its exit code if it fails."""
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)


def execute(command: list[str]) -> int:
    """Become `command`, with the environment's programs first on PATH."""
    env = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(VENV),
    }
    program = shutil.which(command[0], path=env["PATH"]) or command[0]
    if os.name == "nt":
        return subprocess.run(
            [program, *command[1:]], env=env, check=False
        ).returncode
    os.execvpe(program, [program, *command[1:]], env)  # noqa: S606 (becoming the command keeps its signals)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
