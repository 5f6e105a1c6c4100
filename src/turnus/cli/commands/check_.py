"""Check that the stored revenue is what follows from the terms, and mend it.

Reports add up a ledger that is stored as things change. This computes it from scratch, customer by
customer, and compares both. Without --repair nothing is written; the exit code is 1 if something
differs.

examples:
  turnus check
  turnus check --repair
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from turnus.core.customers import CustomerKey

#: Customers that are named; of more it says how many there are.
_MOST_NAMED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add whether it is mended."""
    parser.add_argument(
        "--repair", action="store_true", help="store what differs anew"
    )


def run(options: argparse.Namespace) -> int:
    """Compare, say what differs, and with `--repair` store it anew."""
    from django.utils.translation import gettext as _

    from turnus.revenue.ledger.actions import (
        fold_anew,
        fold_stale,
        viewer_of_everything,
    )
    from turnus.revenue.ledger.scratch import wrong_customers

    viewer = viewer_of_everything()
    wrong = sorted(wrong_customers(viewer))
    if options.repair:
        fold_anew(wrong, viewer)
        fold_stale(viewer)
    if not wrong:
        tell(_("Stored revenue is what follows from the terms."))
        return 0
    _tell_names(wrong)
    if options.repair:
        tell(_("Stored anew."))
        return 0
    tell(_("Run “turnus check --repair” to store it anew."))
    return 1


def _tell_names(wrong: Sequence["CustomerKey"]) -> None:
    from django.utils.translation import gettext as _

    from turnus.core.customers import Customer

    words = _("Stored revenue of %(count)d customers is wrong:")
    tell(words % {"count": len(wrong)})
    for key in wrong[:_MOST_NAMED]:
        tell(f"  {Customer.of_key(key)}")
    if len(wrong) > _MOST_NAMED:
        tell("  …")
