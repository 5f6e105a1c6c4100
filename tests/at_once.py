"""Several people at once: each in a thread and a connection of its own, on the test's database."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from tests.conftest import AT
from tests.world import World
from turnus.core.records import RecordKind
from turnus.fields.record_actions import actions_of
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError

Work = Callable[[], Any]
ROUNDS = 30


def at_once(*works: Work) -> list[Any]:
    """Start all works at once; return what each returned, refusals as codes; raise bugs."""
    start = Barrier(len(works))

    def run(work: Work) -> Any:
        try:
            start.wait(10)
            return work()
        except UserError as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [
            each.result(30)
            for each in [pool.submit(run, work) for work in works]
        ]


def many_times(count: int, *works: Callable[[int], Any]) -> None:
    """Let each work do its rounds, one after the other, beside the others, which do theirs."""

    def rounds(work: Callable[[int], Any]) -> Work:
        def run() -> None:
            for number in range(count):
                work(number)

        return run

    at_once(*map(rounds, works))


def sorted_codes(answers: Sequence[Any]) -> list[str]:
    """Return how often each answer came, in words: `done` for what was no refusal."""
    return sorted(one if isinstance(one, str) else "done" for one in answers)


def give(kind: RecordKind, pk: int, world: World, **values: Any) -> None:
    model: Any = tracked(kind).model
    actions_of(kind).update(
        model.objects.filter(pk=pk), by=world.alice, at=AT, values=values
    )
