"""Somebody who reads English, where a test looks for sentences."""

import pytest
from django.test import Client

from tests.world import World
from turnus.accounts.models import User


@pytest.fixture
def english_client(world: World) -> Client:
    User.objects.update(language="en")
    return world.client(world.admin)
