"""Findings in words: why something was found, and what a repair does."""

from django.utils.translation import gettext as _

from turnus.kit.formats import day, money
from turnus.kit.messages import sentence
from turnus.radar.findings import Action, Finding


def why(finding: Finding, language: str) -> str:
    """Return why the finding was found, in the active language; `language` writes its days."""
    code = f"radar.{finding.kind}"
    if finding.details.get("is_imported"):
        code += ".imported"
    return _in_words(code, finding, language)


def what(finding: Finding, action: Action, language: str) -> str:
    """Return what `action` does about the finding."""
    return _in_words(f"radar.{finding.kind}.{action}", finding, language)


def _in_words(code: str, finding: Finding, language: str) -> str:
    details = finding.details
    words: dict[str, object] = {
        **details,
        "count": finding.count,
        "day": day(finding.on, language),
        "money": money(
            finding.money.amount_e4, finding.money.currency, language
        ),
    }
    if "number" in details:
        words["number"] = details["number"] + 1  # people count from one
    if "other" in details and details["other"] is None:
        words["other"] = _("Hidden deal")
    days = {
        "other_day": details.get("other_on"),
        "starts_day": details.get("starts_on"),
        "last_day": details.get("last_on"),
    }
    for name, on in days.items():
        if on is not None:
            words[name] = day(on, language)
    return sentence(code, words)
