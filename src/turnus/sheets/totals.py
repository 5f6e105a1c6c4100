"""Lines of totals among rows: known by a word, by what they lack, and by sums of numbers above."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber, Row, UnreadCell

#: What nobody is called; a line with one of these words and hardly anything else is one of totals.
_SURE = (
    "summe",
    "summen",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "endsumme",
    "teilsumme",
    "gesamtbetrag",
    "gesamtwert",
    "gesamtergebnis",
    "teilergebnis",
    "insgesamt",
    "subtotal",
    "sub-total",
    "sub total",
    "grand total",
    "total general",
    "total général",
    "sous-total",
    "totaux",
    "totals",
    "gesamttotal",
    "sum total",
    "total sum",
    "overall total",
    "total geral",
    "totale generale",
    "totales",
    "totalt",
    "summa",
    "i alt",
    "yhteensä",
    "celkem",
    "összesen",
    "toplam",
    "итого",
    "всего",
    "σύνολο",
    "σ",
    "∑",
)
#: What somebody may be called.
_MAYBE = (
    "total",
    "sum",
    "totale",
    "totaal",
    "suma",
    "razem",
    "ergebnis",
    "somme",
)
#: What may follow the word: what is summed, in which currency, of which time.
_QUALIFIER = (
    r"netto|brutto|net|gross|eur|usd|chf|gbp|€|\$|£|amount|value|wert|betrag|umsatz|revenue|"
    r"deals?|aller|all|of|der|im|in|"
    r"won|gewonnen|offen|open|lost|verloren|general|général|"
    r"jan\w*|feb\w*|m[aä]r\w*|apr\w*|ma[iy]|jun[ei]?|jul[iy]?|aug\w*|sep\w*|o[kc]t\w*|"
    r"nov\w*|de[zc]\w*|q[1-4]|"
    r"\(.{0,40}\)|[\d.,/–-]+"
)
_WORD = re.compile(
    rf"[\W_]*(?:(?P<sure>{'|'.join(map(re.escape, _SURE))})"
    rf"|(?P<maybe>{'|'.join(map(re.escape, _MAYBE))}))"
    rf"(?:[\s:.=_-]+(?:{_QUALIFIER}))*[\W_]*",
    re.IGNORECASE,
)
#: How spreadsheet programs name the totals of a group: by the group.
_GROUP = re.compile(
    r".{1,80}\s(?:ergebnis|gesamt|summe|total|subtotal|zwischensumme)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?P<before>[^\w\s.,+-]{0,2}|[A-Z]{3}\s|[A-Z]{1,2}\$|S?Fr\.)\s*(?P<minus>[-+−–]?)\s*"
    r"(?P<digits>(?:\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?)"
    r"\s*(?P<after>[^\w\s]{0,2}|[A-Z]{3}|[-–])"
)
_CURRENCY = re.compile(r"[A-Z]{3}|[^\w\s]{1,2}")
_COUNT = re.compile(r"\d+ [^\W\d]+")
#: How many rows there are, as programs write it below a list.
_ROWS = (
    r"(?:datensätze|zeilen|einträge|kontakte|personen|organisationen|organizationen|deals"
    r"|records|rows|entries|contacts|persons|people)"
)
_ROW_COUNT = re.compile(
    rf"(?:anzahl(?: (?:der )?{_ROWS})?|count|row count|record count|{_ROWS}(?: gesamt| total)?)"
    rf"\s*[:=]\s*[\d.,]+|[\d.,]+ {_ROWS}",
    re.IGNORECASE,
)
_SUM_FORMULA = re.compile(
    r"=?\s*(?:SUM|SUMME|SUBTOTAL|TEILERGEBNIS|AGGREGATE|AGGREGAT)\b",
    re.IGNORECASE,
)
_NEARLY = 0.011
#: Cells of a line of totals beside its figures: its word, a count, a remark.
_BESIDE_FIGURES = 3
_MOST_REMEMBERED = 20_000
_MOST_DIGITS = 40
_LONGEST_WORD = 100


class TotalsKind(Enum):
    """What a row is."""

    ORDINARY = "ordinary"
    TOTAL = "total"
    #: It may be a line of totals or a record with such a name.
    DOUBTFUL = "doubtful"


@dataclass(slots=True)
class _Facts:
    """What the cells of a row are."""

    is_sure: bool = False
    is_maybe: bool = False
    is_group: bool = False
    has_sum_formula: bool = False
    numbers: dict[int, float] = field(default_factory=dict)
    #: Cells that a line of totals does not have: words, names, days.
    others: int = 0


class Totals:
    """The lines of totals among the rows of a table; `sample` are its first rows."""

    def __init__(self, sample: Sequence[Row]) -> None:
        self._values: dict[str, float | None] = {}
        #: How many cells of a row usually hold something.
        self.usual = _usual([_filled_count(row.cells) for row in sample])
        #: What a line of totals holds at the most: figures, currencies, its word, and little else.
        usual_others = _usual(
            [self._facts(row.cells).others for row in sample]
        )
        self._most_of_totals = self.usual - max(
            usual_others - _BESIDE_FIGURES, 0
        )
        #: Sum of each column of numbers, of all rows and of those since the last line of totals.
        self._sums = dict.fromkeys(self._number_columns(sample), 0.0)
        self._since = dict(self._sums)
        self._count = 0
        self._count_since = 0

    def kind_of(self, row: Row) -> TotalsKind:
        """Return what the row is, by itself and by the rows before it."""
        cells = row.cells
        kind = TotalsKind.ORDINARY
        if self.usual > 1 and _filled_count(cells) <= self._most_of_totals:
            kind = self._judged(cells)
        if kind is TotalsKind.TOTAL:
            self._since = dict.fromkeys(self._since, 0.0)
            self._count_since = 0
        else:
            self._add(cells)
        return kind

    def _judged(self, cells: Sequence[Cell]) -> TotalsKind:
        facts = self._facts(cells)
        has_figure = bool(facts.numbers) or facts.has_sum_formula
        has_word = facts.is_sure or facts.is_maybe or facts.is_group
        least_rows = 1 if has_word else 2
        is_sum = facts.has_sum_formula or self._is_sum(
            facts.numbers, least_rows=least_rows
        )
        is_sparse = _filled_count(cells) < self.usual
        if facts.is_sure and facts.others <= 1:
            is_alone = is_sparse and facts.others == 0
            return (
                TotalsKind.TOTAL if is_sum or is_alone else TotalsKind.DOUBTFUL
            )
        if facts.others:
            return TotalsKind.ORDINARY
        if facts.is_maybe:
            is_unlike_rows = is_sparse or is_sum
            return (
                TotalsKind.TOTAL
                if has_figure and is_unlike_rows
                else TotalsKind.DOUBTFUL
            )
        if facts.is_group:
            return (
                TotalsKind.TOTAL
                if is_sparse and is_sum
                else TotalsKind.ORDINARY
            )
        is_bare = len(facts.numbers) * 2 <= self.usual
        return TotalsKind.TOTAL if is_bare and is_sum else TotalsKind.ORDINARY

    def _facts(self, cells: Sequence[Cell]) -> _Facts:
        facts = _Facts()
        for index, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            number = self._number(cell)
            if number is not None:
                facts.numbers[index] = number
            elif isinstance(cell, UnreadCell):
                is_sum = (
                    cell.code is IssueCode.FORMULA_WITHOUT_RESULT
                    and _SUM_FORMULA.match(cell.text)
                )
                facts.has_sum_formula |= bool(is_sum)
                facts.others += not is_sum
            elif isinstance(cell, str):
                self._add_text(facts, cell.strip())
            else:
                facts.others += 1
        return facts

    @staticmethod
    def _add_text(facts: _Facts, text: str) -> None:
        word = _WORD.fullmatch(text) if len(text) < _LONGEST_WORD else None
        if len(text) < _LONGEST_WORD and _ROW_COUNT.fullmatch(text):
            facts.is_sure = True
        elif word:
            facts.is_sure |= word["sure"] is not None
            facts.is_maybe |= word["maybe"] is not None
        elif _GROUP.fullmatch(text):
            facts.is_group = True
        elif text and not _says_nothing(text):
            facts.others += 1

    def _is_sum(self, numbers: dict[int, float], *, least_rows: int) -> bool:
        """Return whether a number is the sum of its column, or since the last line of totals."""
        for index, number in numbers.items():
            if self._count >= least_rows and _is_near(
                number, self._sums.get(index)
            ):
                return True
            if self._count_since >= least_rows and _is_near(
                number, self._since.get(index)
            ):
                return True
        return False

    def _add(self, cells: Sequence[Cell]) -> None:
        self._count += 1
        self._count_since += 1
        for index in self._sums:
            cell = cells[index]
            if cell:
                number = self._number(cell)
                if number:
                    self._sums[index] += number
                    self._since[index] += number

    def _number_columns(self, sample: Sequence[Row]) -> list[int]:
        width = max((len(row.cells) for row in sample), default=0)
        columns = []
        for index in range(width):
            cells = [
                row.cells[index] for row in sample if index < len(row.cells)
            ]
            filled = [cell for cell in cells if cell not in (None, "")]
            numbers = sum(self._number(cell) is not None for cell in filled)
            if filled and numbers * 2 >= len(filled):
                columns.append(index)
        return columns

    def _number(self, cell: Cell) -> float | None:
        if cell.__class__ is str:
            return self._number_in(cell)
        if isinstance(cell, FormattedNumber):
            return float(cell.number)
        if isinstance(cell, bool) or not isinstance(
            cell, int | float | Decimal
        ):
            return None
        return float(cell)

    def _number_in(self, text: str) -> float | None:
        if text in self._values:
            return self._values[text]
        if text.isdecimal() and text[0] != "0" and len(text) < _MOST_DIGITS:
            return float(text)
        if len(self._values) > _MOST_REMEMBERED:
            self._values.clear()
        number = _number_in(text) if len(text) < _MOST_DIGITS else None
        self._values[text] = number
        return number


def _says_nothing(text: str) -> bool:
    """Return whether a text beside a total says nothing: a currency, or a count of things."""
    is_currency = _CURRENCY.fullmatch(text) is not None
    return is_currency or _COUNT.fullmatch(text) is not None


def _usual(counts: Sequence[int]) -> int:
    """Return the usual count: below three quarters, since totals may be many; 0 without rows."""
    return sorted(counts)[len(counts) * 3 // 4] if counts else 0


def _filled_count(cells: Sequence[Cell]) -> int:
    return len(cells) - cells.count(None) - cells.count("")


def _is_near(number: float, total: float | None) -> bool:
    return total is not None and number != 0 and abs(number - total) < _NEARLY


def _number_in(text: str) -> float | None:
    """Return the number in a text, in any notation; None if it is not a number."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    digits = re.sub("['’ \u00a0\u202f]", "", match["digits"])
    is_code = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    if is_code:
        return None
    mark = max(digits.rfind("."), digits.rfind(","))
    has_both_marks = "." in digits and "," in digits
    has_thousands = len(digits) - mark == 4 and not has_both_marks
    if mark < 0 or has_thousands:
        number = float(re.sub("[.,]", "", digits))
    else:
        whole = re.sub("[.,]", "", digits[:mark])
        number = float(f"{whole or 0}.{digits[mark + 1 :]}")
    is_negative = match["minus"] in ("-", "−", "–") or match["after"] in (
        "-",
        "–",
    )
    return -number if is_negative else number
