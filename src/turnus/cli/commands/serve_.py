"""Start the web app with its background workers.

Options may stand in the environment as well: TURNUS_HOST, TURNUS_PORT, TURNUS_WORKERS,
TURNUS_WORKER, TURNUS_LANES. Where TURNUS_ADMIN_EMAIL and TURNUS_ADMIN_PASSWORD are set, a new
instance is set up without asking.

example:
  turnus serve --host 0.0.0.0 --port 8000 --workers 2
"""

import argparse
import errno
import os
import resource
import socket
import tempfile

from turnus.cli.crew import Crew, add_lanes
from turnus.cli.inputs import number_between
from turnus.cli.terminal import tell

#: Milliseconds for the headers of a request, and for which a connection waits for the next one.
HEADERS_WITHIN_MS = 15_000
#: The most bytes of all headers together; each connection holds as much memory.
HEADER_BYTES = 64 * 1024
#: Connections that a process holds at a time; idle ones cost little.
CONNECTIONS = 4_096
#: Seconds that a process gets to finish its requests.
STOPPED_WITHIN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to listen."""
    parser.add_argument(
        "--host",
        default=os.environ.get("TURNUS_HOST") or "127.0.0.1",
        help="address to listen on (default: this machine only)",
    )
    parser.add_argument(
        "--port",
        type=number_between(1, 65535),
        default=os.environ.get("TURNUS_PORT") or "8000",
        help="port to listen on (default: 8000)",
    )
    parser.add_argument(
        "--workers",
        type=number_between(1, 64),
        default=os.environ.get("TURNUS_WORKERS") or "2",
        help="web processes (default: 2)",
    )
    parser.add_argument(
        "--no-worker",
        action="store_true",
        help="leave background jobs to “turnus work” elsewhere (TURNUS_WORKER=0)",
    )
    add_lanes(parser)


def run(options: argparse.Namespace) -> int:
    """Update the tables, then serve until told to end; dead processes are started again."""
    from django.conf import settings
    from django.db import connections

    from turnus.cli.setup import open_instance
    from turnus.kit.processes import PARENT

    _check_port(options.host, options.port)
    open_instance()
    _set_up_from_environment()
    os.environ[PARENT] = str(os.getpid())
    crew = Crew(options.lanes)
    if settings.RUNS_WORKER and not options.no_worker:
        crew.start()
    _tell_addresses(options)
    # The web processes are forks of this one. A thread inside SQLite at that moment would leave
    # them its locks for ever, and a connection must not be shared: this process has neither, not
    # even when it replaces a dead one.
    connections.close_all()
    with tempfile.TemporaryDirectory(prefix="turnus-metrics-") as counters:
        # What each web process counts, for whichever of them is asked for `/metrics`.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counters
        try:
            _serve(options)
        finally:
            crew.stop()
    return 0


def _set_up_from_environment() -> None:
    """Set a new instance up if the environment names its first admin."""
    from turnus.accounts.queries import is_set_up
    from turnus.cli.first_facts import company_from_environment
    from turnus.cli.setup import make_instance

    new = company_from_environment()
    if new is not None and not is_set_up():
        make_instance(new)


def _tell_addresses(options: argparse.Namespace) -> None:
    """Print the address, and before the set-up the one with the token that allows it."""
    from django.conf import settings
    from django.utils.translation import gettext

    from turnus.accounts.queries import is_set_up
    from turnus.kit.folder import setup_token

    own = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{own}:{options.port}"
    tell(f"Turnus: {address}/  (end with Ctrl+C)")
    if is_set_up():
        return
    if settings.SESSION_COOKIE_SECURE:  # by http nobody could sign in
        address = f"https://{settings.ALLOWED_HOSTS[0]}"
    words = gettext("Set this instance up at: {address}")
    tell(words.format(address=f"{address}/setup/?token={setup_token()}"))


def _allow_connections() -> int:
    """Return how many connections a web process may hold within its limit of open files."""
    wanted = 2 * CONNECTIONS  # a request may need a file besides its socket
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in {soft, hard}:
        return CONNECTIONS
    soft = max(soft, min(wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(CONNECTIONS, soft // 2)


def _check_port(host: str, port: int) -> None:
    from turnus.kit.errors import UserError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise UserError("port.taken", port=port) from None
            reason = error.strerror or str(error)
            raise UserError(
                "port.refused", host=host, port=port, reason=reason
            ) from None


def _serve(options: argparse.Namespace) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "turnus.config.asgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGINL,
        workers=options.workers,
        # Only version 1 has a time limit for headers that never end.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_WITHIN_MS, max_buffer_size=HEADER_BYTES
        ),
        websockets=False,
        backlog=CONNECTIONS,
        backpressure=_allow_connections(),
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPED_WITHIN,
        log_level=LogLevels.warning,
    ).serve()
