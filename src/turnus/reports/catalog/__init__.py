"""All reports: each module of this folder declares one, as its `REPORT`."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from turnus.reports.definition import Definition
from turnus.reports.names import report_names


def _declared() -> Mapping[str, Definition[Any]]:
    modules = [import_module(f"{__name__}.{name}") for name in report_names()]
    reports: list[Definition[Any]] = [module.REPORT for module in modules]
    return {
        report.name: report for report in sorted(reports, key=lambda one: one.position)
    }


#: Name -> report, in the order in which they are offered.
REPORTS = _declared()
