"""What holds for every address: it asks who is there, it takes only its methods, looking changes nothing."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.architecture.addresses import Address, addresses
from tests.test_web import filled
from tests.world import World

#: What may be seen without signing in; whoever adds to it says why in the commit.
OPEN = {"account_login", "favicon"}
#: Views of allauth, with ways of their own.
FOREIGN = {"account_login", "account_logout"}
CHANGES = ("INSERT", "UPDATE", "DELETE")

every_address = pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
own_addresses = pytest.mark.parametrize(
    "address", [one for one in addresses() if one.name not in FOREIGN], ids=lambda address: address.name
)


@every_address
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_is_closed_to_whoever_is_not_signed_in(world: World, address: Address, method: str) -> None:
    answer = Client().generic(method, address.path)
    if address.name in OPEN:
        assert answer.status_code in {200, 405}
    else:
        assert answer.headers["Location"].startswith("/sign-in/")


@own_addresses
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_address_takes_only_the_methods_it_knows(admin_client: Client, address: Address, method: str) -> None:
    if address.name != "setup":
        assert admin_client.generic(method, address.path).status_code == 405


@own_addresses
def test_looking_changes_nothing(world: World, address: Address) -> None:
    filled(world)
    client = world.client(world.admin)
    with CaptureQueriesContext(connection) as captured:
        client.get(address.path)
    changes = [one["sql"] for one in captured.captured_queries if one["sql"].startswith(CHANGES)]
    assert not changes


NONSENSE = dict.fromkeys(("id", "field", "stage", "filter", "delete", "label", "reason", "team", "rate", "option", "order", "column", "currency", "kind", "page", "where", "on", "until", "from", "action", "format", "by", "path", "probability", "number"), "§ 99999999999999999999")  # fmt: skip


@own_addresses
@pytest.mark.parametrize("given", [{}, NONSENSE], ids=["nothing", "nonsense"])
def test_nonsense_is_refused_not_broken(world: World, address: Address, given: dict[str, str]) -> None:
    filled(world)
    client = world.client(world.admin)
    assert client.get(address.path, given).status_code < 500
    assert client.post(address.path, given).status_code < 500
