"""The instance of the matrix, built once for all that ask it."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from tests.access.worlds import Things, taken_back, things
from tests.architecture.owners import noting_strangers
from tests.conftest import AT
from turnus.kit import clock

_FAST = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


@pytest.fixture(scope="package")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Things]:
    """The instance, built once; every request is taken back."""
    folder = tmp_path_factory.mktemp("matrix")
    there, strangers = (
        override_settings(DATA_DIR=folder / "data", **_FAST),
        set[str](),
    )
    with (
        django_db_blocker.unblock(),
        clock.standing_at(AT),
        there,
        taken_back(),
        noting_strangers(strangers),
    ):
        yield things(AT, folder)
    assert not strangers, (
        "a table is written by the actions of its own package"
    )


@pytest.fixture
def instance(built: Things, settings: Settings) -> Things:
    settings.DATA_DIR = built.folder / "data"
    return built
