"""The page that a monitor or a load balancer asks; it says what does not work, and no more."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from turnus.accounts.queries import is_set_up
from turnus.jobs.queries import last_tick
from turnus.kit import clock
from turnus.kit.damage import (
    is_damaged,
    is_sign_of_damage,
    remember_damage,
    remembers_damage,
)
from turnus.kit.folder import data_folder, was_set_up
from turnus.kit.sql import sqlite_file

Next = Callable[[HttpRequest], HttpResponse]

#: A living worker gives a sign several times as often.
WORKER_SILENCE = timedelta(seconds=60)
#: Files up to this size are checked while the monitor waits, within a third of a second;
#: the worker checks larger ones.
_LOOKED_THROUGH_BYTES = 16 * 1024**2
#: As long as the file is as it was, and at the most.
_LOOK_AGAIN_AFTER = timedelta(seconds=60)
_AT_MOST_EVERY = timedelta(seconds=2)


class Health:
    """The answer to `/health/`, before anything else.

    So a probe may name any host, such as the machine's IP address. `/health/live` asks whether the
    process answers at all, `/health/ready` whether it can serve pages; `/health/` names everything
    that is not well, such as a worker that is silent.
    """

    #: Less room than this on the disk takes no upload, and soon no change.
    free_bytes = 256 * 1024**2

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.begun_at = clock.now()
        self.looked_at: datetime | None = None
        self.looked_into: os.stat_result | None = None
        # For what fails outside of views as well.
        got_request_exception.connect(self._notice_damage)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        questions: Mapping[str, Callable[[], Iterable[str]]] = {
            "/health": self.faults,
            "/health/": self.faults,
            "/health/live": tuple,
            "/health/ready": self._database,
        }
        faults = questions.get(request.path_info)
        if faults is None:
            return self.get_response(request)
        return _answer(request, faults)

    def faults(self) -> Iterator[str]:
        """Yield a line for everything that is not well."""
        yield from self._database()
        yield from self._worker()
        folder = data_folder()
        there = next(
            path for path in (folder, *folder.parents) if path.exists()
        )
        free = shutil.disk_usage(there).free
        if free < self.free_bytes:
            yield f"disk: nearly full, {free // 1024**2} MB left"

    def _database(self) -> Iterator[str]:
        file = sqlite_file()
        if file is not None and not file.exists():
            yield "database: its file is missing"
            return
        if file is not None:
            self._look_for_damage(file)
        try:
            is_empty = not is_set_up() and was_set_up()
        except DatabaseError as error:
            if not is_sign_of_damage(error):
                yield "database: does not answer, or lacks its tables"
                return
            remember_damage(is_there=True)
        else:
            if is_empty:
                yield "database: empty, although this instance was set up"
        if remembers_damage():
            yield "database: damaged, restore a backup"

    def _look_for_damage(self, file: Path) -> None:
        stat = file.stat()
        is_too_large = stat.st_size > _LOOKED_THROUGH_BYTES
        if is_too_large or not self._is_worth_a_look(stat):
            return
        self.looked_at = clock.now()
        self.looked_into = stat
        found = is_damaged(file)
        if found is not None:
            remember_damage(is_there=found)

    def _is_worth_a_look(self, stat: os.stat_result) -> bool:
        if self.looked_at is None or self.looked_into is None:
            return True
        age = abs(clock.now() - self.looked_at)
        is_same = (
            os.path.samestat(stat, self.looked_into)
            and stat.st_mtime_ns == self.looked_into.st_mtime_ns
        )
        return age > (_LOOK_AGAIN_AFTER if is_same else _AT_MOST_EVERY)

    def _worker(self) -> Iterator[str]:
        now = clock.now()
        tick = last_tick()
        if not was_set_up() or now - self.begun_at < WORKER_SILENCE:
            return  # it may just be starting
        if tick is None:
            yield "worker: no sign of life"
        elif tick - now > WORKER_SILENCE:
            yield f"worker: its last sign of life is {_seconds(tick - now)} s ahead of this clock"
        elif now - tick > WORKER_SILENCE:
            yield f"worker: no sign of life for {_seconds(now - tick)} s"

    def _notice_damage(self, **_signal: object) -> None:
        if is_sign_of_damage(sys.exc_info()[1]):
            remember_damage(is_there=True)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


@require_safe
def _answer(
    _request: HttpRequest, faults: Callable[[], Iterable[str]]
) -> HttpResponse:
    lines = list(faults())
    response = HttpResponse(
        "\n".join(lines or ["ok"]) + "\n",
        content_type="text/plain; charset=utf-8",
    )
    response.status_code = 503 if lines else 200
    response["Cache-Control"] = "no-store"
    return response


def health(_request: HttpRequest) -> HttpResponse:
    """Hold the address; `Health` has answered by now."""
    raise NotImplementedError
