"""What the addresses and forms of the matrix are filled with; braces: ids of `worlds.Things`."""

from tests.world import PASSWORD

DEALS = {"word": "deals"}
DEAL, SEEN_DEAL, OWN_DEAL = (
    {"pk": pk} for pk in ("{deal}", "{seen_deal}", "{own_deal}")
)
SUBSCRIPTION = {"pk": "{subscription}"}
#: Of deals that are chosen in a list.
CHOSEN = {"id": "{deal}"}
OTHERS_USER = {"name": "Robert", "email": "bob@example.org", "is_active": "1"}
NEW_USER = {"name": "Neu", "email": "neu@example.org", "password": PASSWORD}
COMPANY_VALUES = {
    "name": "Neu GmbH",
    "language": "de",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}
PLAN = {"name": "Alle Jahre", "unit": "y", "every": "1"}
