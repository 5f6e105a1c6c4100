"""Making an instance: its folder, secret key, tables, company, first pipeline."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from turnus.accounts.actions import NewCompany, set_up_company
from turnus.accounts.models import User
from turnus.kit import clock
from turnus.kit.sql import copy_sqlite, is_sqlite
from turnus.revenue.actions_plans import add_ready_made_plans
from turnus.sales.actions_pipelines import first_pipeline


def prepare_data_folder() -> Path:
    """Make the data folder with its secret key, readable by its owner only."""
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = folder / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(settings.SECRET_KEY, encoding="ascii")
    return folder


def migrate() -> None:
    """Bring the tables up to date; a SQLite file that has data is copied first, beside itself."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending and executor.loader.applied_migrations and is_sqlite():
        backup = (
            Path(settings.DATA_DIR) / f"before-migration-{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.sqlite3"
        )
        copy_sqlite(backup)
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def make_instance(new: NewCompany) -> User:
    """Make everything for a first run and return the admin."""
    prepare_data_folder()
    migrate()
    admin = set_up_company(new=new, at=clock.now())
    first_pipeline(language=new.language)
    add_ready_made_plans(language=new.language)
    return admin
