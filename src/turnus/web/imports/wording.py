"""Questions and answers of an import in words: the question, the choices, the answer."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from turnus.imports.questions import QuestionKind, StoredQuestion
from turnus.imports.reading_words import ENCODINGS
from turnus.kit import formats
from turnus.kit.messages import quoted
from turnus.web.parameters import day_in

Pair = tuple[str, str]


def sentence_of(
    question: StoredQuestion,
    language: str,
    *,
    field: str,
    rows: str,
    samples: list[str],
) -> str:
    """Return what a question asks.

    `field` names the field that a word stands in; `rows` are the first rows.
    """
    values = {
        "count": formats.number(question["count"], language),
        "column": question["column"],
        "field": field,
        "rows": rows,
        "word": question["word"],
        "words": quoted(samples),
    }
    return _template_of(question) % values


def _template_of(question: StoredQuestion) -> str:
    kind = QuestionKind(question["kind"])
    if kind is QuestionKind.EXISTING:
        return _repeated(question)
    count = question["count"]
    templates = {
        **_about_rows(count),
        **_about_subscriptions(count),
        **_about_file(),
    }
    return templates[kind]


def _about_rows(count: int) -> dict[QuestionKind, str]:
    return {
        QuestionKind.UNKNOWN_IDS: ngettext(
            "%(count)s row has an ID that matches no record here, or a very different one.",
            "%(count)s rows have IDs that match no records here, or very different ones.",
            count,
        ),
        QuestionKind.STATUS: ngettext(
            "%(count)s row has no status, but a closing day or a closing stage. Is it won?",
            "%(count)s rows have no status, but a closing day or a closing stage. Are they won?",
            count,
        ),
        QuestionKind.HIDDEN: ngettext(
            "The spreadsheet hides %(count)s row. Should it be read?",
            "The spreadsheet hides %(count)s rows. Should they be read?",
            count,
        ),
        QuestionKind.WORD: ngettext(
            "%(field)s: “%(word)s” is unknown (%(count)s row).",
            "%(field)s: “%(word)s” is unknown (%(count)s rows).",
            count,
        ),
    }


def _about_subscriptions(count: int) -> dict[QuestionKind, str]:
    return {
        QuestionKind.COVERED: ngettext(
            "%(count)s won deal is for a period that a subscription has already booked.",
            "%(count)s won deals are for periods that subscriptions have already booked.",
            count,
        ),
        QuestionKind.DUE: ngettext(
            "%(count)s won deal is for a period of a subscription that is not booked yet.",
            "%(count)s won deals are for periods of subscriptions that are not booked yet.",
            count,
        ),
        QuestionKind.CREDIT: ngettext(
            "%(count)s negative deal refunds the price of a subscription.",
            "%(count)s negative deals refund the prices of subscriptions.",
            count,
        ),
        QuestionKind.REDUCTION: ngettext(
            "%(count)s negative deal refunds part of the price of a subscription.",
            "%(count)s negative deals refund part of the prices of subscriptions.",
            count,
        ),
    }


def _about_file() -> dict[QuestionKind, str]:
    return {
        QuestionKind.DATES: _("How are the dates in “%(column)s” written?"),
        QuestionKind.NUMBERS: _(
            "How are the numbers in “%(column)s” written?"
        ),
        QuestionKind.ENCODING: _("Are these words right? %(words)s"),
    }


def _repeated(question: StoredQuestion) -> str:
    """Return the question about rows that exist already; it never updates subscriptions."""
    if "update" in question["options"]:
        return ngettext(
            "%(count)s deal in this file already exists (row %(rows)s). What do you want to do?",
            "%(count)s deals in this file already exist (rows %(rows)s). What do you want to do?",
            question["count"],
        )
    return ngettext(
        "%(count)s subscription may be a duplicate (row %(rows)s). What do you want to do?",
        "%(count)s subscriptions may be duplicates (rows %(rows)s). What do you want to do?",
        question["count"],
    )


def choices_in_short(kind: QuestionKind) -> dict[str, str]:
    """Return the choices for one row beside a subscription, short enough for a button."""
    attach = (
        _("Replaces that deal")
        if kind is QuestionKind.COVERED
        else _("Books the period")
    )
    return {
        "skip": _("Do not add"),
        "add": _("Add anyway"),
        "attach": attach,
        "end": _("Ends it"),
        "reduce": _("Lowers the price"),
        "credit": _("Only a credit"),
    }


def choices_for(kind: QuestionKind) -> dict[str, str]:
    """Return the choices for questions of this kind; words of files are mapped by a list."""
    choices = {
        **_choices_about_rows(),
        **_choices_about_subscriptions(),
        **_choices_about_file(),
    }
    return choices.get(kind, {})


def _choices_about_rows() -> dict[QuestionKind, dict[str, str]]:
    return {
        QuestionKind.EXISTING: {
            "copy": _("Add this period's copies, won on"),
            "add": _("Add them anyway, with the won times of the file"),
            "update": _("Update the existing deals"),
            "skip": _("Skip them"),
        },
        QuestionKind.UNKNOWN_IDS: {
            "new": _("The IDs come from another system: add the rows as new"),
            "problem": _("Skip these rows as problems"),
            "update": _(
                "Update the records with these IDs; skip the other rows"
            ),
        },
        QuestionKind.STATUS: {
            "dated": _("Deals with a day are"),
            "won": _("All deals of the file are"),
            "stage": _("As the stage says"),
            "open": _("No, they are open"),
        },
        QuestionKind.HIDDEN: {
            "read": _("Read them like the others"),
            "leave_out": _("Skip them"),
        },
        QuestionKind.TOTALS: {
            "leave_out": _("Skip them"),
            "read": _("Read them like the others"),
        },
    }


def _choices_about_subscriptions() -> dict[QuestionKind, dict[str, str]]:
    return {
        QuestionKind.COVERED: {
            "skip": _("Do not add"),
            "add": _("Add beside the subscription, as a deal of its own"),
            "attach": _("Replace the deal that books the period"),
        },
        QuestionKind.DUE: {
            "attach": _("Book the period with it"),
            "add": _("Add beside the subscription, as a deal of its own"),
            "skip": _("Do not add"),
        },
        QuestionKind.CREDIT: {
            "end": _("End the subscription after the paid period"),
            "credit": _("Only a credit: the subscription stays as it is"),
            "skip": _("Do not add"),
        },
        QuestionKind.REDUCTION: {
            "reduce": _("Lower the price from the next period on"),
            "credit": _("Only a credit: the subscription stays as it is"),
            "skip": _("Do not add"),
        },
    }


def _choices_about_file() -> dict[QuestionKind, dict[str, str]]:
    return {
        QuestionKind.DATES: {
            "day_first": _("Day first: 03/04/2018 is 3 April"),
            "month_first": _("Month first: 03/04/2018 is 4 March"),
        },
        QuestionKind.NUMBERS: {
            "comma": _(
                "With a decimal comma: 1.234 is one thousand two hundred and thirty-four"
            ),
            "point": _(
                "With a decimal point: 1.234 is a little more than one"
            ),
        },
        QuestionKind.ENCODING: {
            "keep": _("They are right"),
            "other": _("The file is written in"),
        },
    }


def choices_offered(question: StoredQuestion) -> list[Pair]:
    """Return what can be answered to this very question, with its words."""
    kind = QuestionKind(question["kind"])
    options = question["options"]
    words = choices_for(kind)
    if kind is QuestionKind.EXISTING and "update" not in options:
        words["add"] = _("They are different: start them")
    return [(option, words[option]) for option in options if option in words]


def answered_in_words(
    key: str, answer: Mapping[str, object], language: str, *, field: str
) -> Pair:
    """Return the subject of an answered question, and the answer.

    `field` names the field that a word stands in.
    """
    asked, _colon, rest = key.partition(":")
    subjects = {
        "existing": _("Deals or subscriptions that already exist"),
        "unknown_ids": _("Unknown IDs"),
        "dates": _("Dates in “%(rest)s”") % {"rest": rest},
        "numbers": _("Numbers in “%(rest)s”") % {"rest": rest},
        "status": _("Which deals are won"),
        "covered": _("Deals for periods that are booked"),
        "due": _("Deals for periods that are not booked yet"),
        "credit": _("Deals that refund the price of a subscription"),
        "reduction": _("Deals that refund part of it"),
        "hidden": _("Rows that the spreadsheet hides"),
        "totals": _("Total lines"),
        "encoding": _("Encoding"),
    }
    do = str(answer.get("do", ""))
    words = {
        "map": _("matches an existing value"),
        "create": _("is created"),
        "skip": _("its rows are skipped"),
    }
    if asked not in subjects:
        return f"{field}: {quoted([rest])}" if field else key, words.get(
            do, do
        )
    choice = choices_for(QuestionKind(asked)).get(do, do)
    return subjects[asked], f"{choice} {_detail(answer, language)}".strip()


def _detail(answer: Mapping[str, object], language: str) -> str:
    """Return the detail of an answer: the day of copies, another encoding; else empty."""
    if answer.get("on"):
        on = day_in(str(answer["on"]))
        return formats.day(on, language) if on else ""
    to = str(answer.get("to") or "")
    return ENCODINGS.get(to, to)
