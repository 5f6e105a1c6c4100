"""The actions that every kind of record has; each package registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from turnus.core.records import RecordKind

#: Takes the records, `by` and `at`; returns how many changed. Refuses what the person may not.
RecordAction = Callable[..., int]


@dataclass(frozen=True, slots=True)
class RecordActions:
    """What can be done to every kind: give fields new `values`, move to the trash, take out of it.

    The first two also take the `run` they belong to.
    """

    update: RecordAction
    trash: RecordAction
    restore: RecordAction

    @classmethod
    def by_keyword(
        cls,
        keyword: str,
        update: RecordAction,
        trash: RecordAction,
        restore: RecordAction,
    ) -> "RecordActions":
        """Return actions that take their records by a keyword of their own, such as `deals`."""

        def taking_records(action: RecordAction) -> RecordAction:
            return lambda records, **arguments: action(
                **{keyword: records}, **arguments
            )

        return cls(
            taking_records(update),
            taking_records(trash),
            taking_records(restore),
        )


_ACTIONS: dict[RecordKind, RecordActions] = {}


def register_actions(kind: RecordKind, actions: RecordActions) -> None:
    """Make the actions of a kind known; called once, when its package is ready."""
    _ACTIONS[kind] = actions


def actions_of(kind: RecordKind) -> RecordActions:
    """Return the actions of a kind."""
    return _ACTIONS[kind]
