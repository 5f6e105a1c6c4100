"""All reports: each module of this folder declares one, as its `REPORT`."""

from collections.abc import Mapping
from importlib import import_module
from operator import attrgetter

from turnus.reports.definition import AnyDefinition
from turnus.reports.names import report_names


def _declared() -> Mapping[str, AnyDefinition]:
    modules = [import_module(f"{__name__}.{name}") for name in report_names()]
    reports: list[AnyDefinition] = [module.REPORT for module in modules]
    in_order = sorted(reports, key=attrgetter("position"))
    return {report.name: report for report in in_order}


#: Name -> report, in the order in which they are offered.
REPORTS = _declared()
