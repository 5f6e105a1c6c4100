"""Findings in words: why something was found, and what a repair does."""

from django.utils.translation import gettext as _

from turnus.kit.formats import day, money
from turnus.kit.messages import sentence
from turnus.radar.findings import Action, Finding


def why(finding: Finding, language: str) -> str:
    """Return why the finding was found, in the active language; `language` writes its days."""
    code = f"radar.{finding.kind}" + (".imported" if finding.params.get("is_imported") else "")
    return _said(code, finding, language)


def what(finding: Finding, action: Action, language: str) -> str:
    """Return what `action` does about the finding."""
    return _said(f"radar.{finding.kind}.{action}", finding, language)


def _said(code: str, finding: Finding, language: str) -> str:
    given = finding.params
    words = {
        **given,
        "count": finding.count,
        "day": day(finding.on, language),
        "money": money(finding.money.amount_e4, finding.money.currency, language),
    }
    if "number" in given:
        words["number"] = given["number"] + 1  # people count from one
    if "other" in given and given["other"] is None:
        words["other"] = _("Hidden deal")
    for key in ("other", "starts", "last"):
        if given.get(f"{key}_on") is not None:
            words[f"{key}_day"] = day(given[f"{key}_on"], language)
    return sentence(code, words)
