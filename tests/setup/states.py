"""What an instance is set up as, to compare."""

from collections.abc import Callable

from turnus.accounts.models import ExchangeRate, Team, User
from turnus.fields.models import CustomField, FieldOption
from turnus.history.models import Event, Revision, Run
from turnus.listing.models import SavedFilter
from turnus.revenue.models import Plan
from turnus.sales.models import Pipeline, Stage
from turnus.setup.writing import present_setup

#: Applies a text with further options; returns what the command says.
Apply = Callable[..., str]


def state() -> object:
    counted = (
        Team,
        User,
        Pipeline,
        Stage,
        CustomField,
        FieldOption,
        Plan,
        SavedFilter,
        ExchangeRate,
        Event,
        Revision,
        Run,
    )
    counts = [model.objects.count() for model in counted]  # type: ignore[attr-defined]
    return present_setup().text, counts
