"""Creating and opening an instance: its folder, secret key, tables, company, first pipeline."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext

from turnus.accounts.actions import NewCompany, set_up_company
from turnus.accounts.models import User
from turnus.accounts.queries import is_set_up
from turnus.cli.terminal import tell
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.folder import (
    alone_in_folder,
    close_to_others,
    forget_set_up,
    refuse_other_database,
    refuse_unfinished,
    remember_set_up,
    was_set_up,
    write_private,
)
from turnus.kit.sql import (
    alone_in_database,
    copy_sqlite,
    database_kind,
    is_sqlite,
    sqlite_file,
)
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.actions_pipelines import first_pipeline


def open_instance(*, is_anew: bool = False) -> Path:
    """Create or open the folder and the database, update the tables, and return the folder.

    Any number of processes and machines may call this at once: they take turns. Raises UserError
    where an instance was set up whose database is gone, unless a new one replaces it (`is_anew`).
    """
    with _alone(is_anew=is_anew) as folder:
        return folder


def make_instance(new: NewCompany, *, is_anew: bool = False) -> User:
    """Create everything for a first run and return the admin."""
    with _alone(is_anew=is_anew):
        admin = set_up_company(new=new, at=clock.now())
        first_pipeline(language=new.language)
        add_ready_made_plans(language=new.language)
    return admin


@contextmanager
def _alone(*, is_anew: bool) -> Iterator[Path]:
    """Open the instance, and keep others from doing so until the block ends."""
    with alone_in_folder() as folder:
        # Also for what the process creates there later: uploads, exports, database copies.
        os.umask(0o077)
        refuse_unfinished(folder)
        refuse_other_database(database_kind())
        if is_anew:
            forget_set_up()
        _find_database(folder, is_anew=is_anew)
        _tell_closed(close_to_others(folder))
        _keep_secret_key(folder)
        with alone_in_database():
            _migrate(folder)
            _compare_with_memory()
            yield folder


def _tell_closed(paths: Sequence[Path]) -> None:
    if paths:
        words = gettext("Closed to other users of this machine: {paths}")
        tell(words.format(paths=", ".join(map(str, paths))))


def _find_database(folder: Path, *, is_anew: bool) -> None:
    """Create the SQLite file on a first run; refuse if the folder was used and the file is gone."""
    file = sqlite_file()
    if file is None or file.exists():
        return
    was_in_use = was_set_up() or (folder / "secret-key").exists()
    if was_in_use and not is_anew:
        raise UserError("database.gone", file=str(file))
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))


def _keep_secret_key(folder: Path) -> None:
    """Store the key of this process, or use the one that another process stored first."""
    path = folder / "secret-key"
    if not path.exists():
        write_private(path, settings.SECRET_KEY)
    elif not os.environ.get("TURNUS_SECRET_KEY"):
        settings.SECRET_KEY = path.read_text(encoding="ascii").strip()


def _compare_with_memory() -> None:
    """Remember that the instance is set up; refuse an empty database if it was set up before."""
    if is_set_up():
        remember_set_up()
    elif was_set_up():
        raise UserError("database.empty")


def _migrate(folder: Path) -> None:
    """Update the tables; a SQLite file with data is copied first, beside itself."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending and executor.loader.applied_migrations and is_sqlite():
        name = f"before-migration-{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.sqlite3"
        copy_sqlite(folder / name)
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
