"""Figures about this instance in the format of Prometheus, for whoever has the token."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from turnus.accounts.models import Company
from turnus.imports.models import Import
from turnus.jobs.lanes import JobLane
from turnus.jobs.models import Job
from turnus.jobs.queries import job_counts, last_tick, oldest_due_jobs
from turnus.kit import clock
from turnus.kit.sql import database_bytes
from turnus.revenue.renewals.queries import oldest_due_day

Next = Callable[[HttpRequest], HttpResponse]

#: Seconds; the goal for a page is 0.3.
_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
#: What the web processes count by themselves; another registry than the library's own, which adds
#: figures about Python.
_counted = CollectorRegistry()
_requests = Counter(
    "turnus_requests",
    "Requests answered.",
    ["method", "status"],
    registry=_counted,
)
_seconds = Histogram(
    "turnus_request_seconds",
    "How long requests took, by the name of the page.",
    ["page"],
    buckets=_BUCKETS,
    registry=_counted,
)
_METHODS = frozenset({"GET", "HEAD", "POST"})


class RequestMetrics:
    """Counts of requests and how long they take; the answer to `/metrics` under any host name."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics":
            return _answer(request)
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        page = match.view_name if match else "none"
        method = request.method if request.method in _METHODS else "other"
        _requests.labels(method, str(response.status_code)).inc()
        _seconds.labels(page).observe(seconds)
        return response


def metrics(_request: HttpRequest) -> HttpResponse:
    """Hold the address; `RequestMetrics` has answered by now."""
    raise NotImplementedError


@cache_control(no_store=True)
@require_safe
def _answer(request: HttpRequest) -> HttpResponse:
    """Return all figures; without a token in the settings there is no such page."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound(
            "no token is set\n", content_type="text/plain"
        )
    expected = f"Bearer {settings.METRICS_TOKEN}"
    header = request.headers.get("Authorization", "")
    if not secrets.compare_digest(header.encode(), expected.encode()):
        refused = HttpResponse("a token is needed\n", "text/plain", status=401)
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    instance = CollectorRegistry()
    instance.register(_Instance())
    text = generate_latest(_of_all_processes()) + generate_latest(instance)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _of_all_processes() -> CollectorRegistry:
    """Return what all web processes of this server counted together."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _counted
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types
    return registry


class _Instance(Collector):
    """What the database and the data folder say."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures; six small queries."""
        yield _figure(
            "turnus_build", "The version that runs.", 1, version("turnus")
        )
        yield _figure(
            "turnus_database_bytes", "Size of the database.", database_bytes()
        )
        yield from _jobs()
        yield from _worker()
        yield from _renewals()
        yield _by_state(
            "turnus_imports", "Imports by their state.", _states_of_imports()
        )


def _figure(
    name: str, words: str, value: float, built: str | None = None
) -> GaugeMetricFamily:
    labels = [] if built is None else ["version"]
    family = GaugeMetricFamily(name, words, labels=labels)
    family.add_metric([] if built is None else [built], value)
    return family


def _by_state(
    name: str, words: str, counts: dict[str, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family


def _jobs() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "turnus_jobs",
        "Jobs by their lane and state.",
        labels=["lane", "state"],
    )
    waiting = GaugeMetricFamily(
        "turnus_job_waiting_seconds",
        "How long the oldest job of the lane has been waiting.",
        labels=["lane"],
    )
    counts = job_counts()
    oldest = oldest_due_jobs(clock.now())
    for lane in JobLane.values:
        for state in Job.State.values:
            family.add_metric([lane, state], counts.get((lane, state), 0))
        due_at = oldest.get(lane)
        waited = (clock.now() - due_at).total_seconds() if due_at else 0
        waiting.add_metric([lane], waited)
    yield family
    yield waiting


def _worker() -> Iterator[GaugeMetricFamily]:
    tick = last_tick()
    if tick is not None:
        seconds = (clock.now() - tick).total_seconds()
        words = "How long ago a worker gave a sign of life."
        yield _figure("turnus_worker_silent_seconds", words, seconds)


def _renewals() -> Iterator[GaugeMetricFamily]:
    company = Company.objects.first()
    if company is None:
        return
    today = clock.today(company.zone)
    day = oldest_due_day(today)
    days = (today - day).days if day else 0
    words = "How many days ago the oldest term became due that is not booked."
    yield _figure("turnus_oldest_due_term_days", words, days)


def _states_of_imports() -> dict[str, int]:
    counts = dict.fromkeys(Import.State.values, 0)
    found = (
        Import.objects.order_by().values_list("state").annotate(Count("pk"))
    )
    return counts | dict(found)
