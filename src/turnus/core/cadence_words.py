"""What the words of a plan field mean, in German and English: a cadence, a question, a single purchase, or nothing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from turnus.core.cadence import (
    EVERY_TWO_WEEKS,
    HALF_YEARLY,
    MAX_EVERY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
    Unit,
)
from turnus.core.folding import fold


class Certainty(StrEnum):
    """How far words can be trusted to name a cadence."""

    #: One meaning.
    CERTAIN = "certain"
    #: A person must choose, once per import; the choice is remembered.
    AMBIGUOUS = "ambiguous"
    #: The words say that it does not recur.
    ONE_OFF = "one_off"
    #: The words say nothing about a cadence.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Guess:
    """What words say; `candidates` holds the cadence when certain, the possible ones, likeliest first, when ambiguous."""

    certainty: Certainty
    candidates: tuple[Cadence, ...] = ()

    @property
    def cadence(self) -> Cadence | None:
        """The one meaning; None unless certain."""
        return self.candidates[0] if self.certainty is Certainty.CERTAIN else None


TWO_MONTHLY = Cadence(Unit.MONTH, 2)
TWO_YEARLY = Cadence(Unit.YEAR, 2)

_NUMBERS = {
    "ein": 1,
    "eine": 1,
    "einen": 1,
    "einem": 1,
    "einmal": 1,
    "one": 1,
    "once": 1,
    "a": 1,
    "an": 1,
    "zwei": 2,
    "zweimal": 2,
    "two": 2,
    "twice": 2,
    "second": 2,
    "other": 2,
    "zweite": 2,
    "zweiten": 2,
    "drei": 3,
    "dreimal": 3,
    "three": 3,
    "third": 3,
    "dritte": 3,
    "dritten": 3,
    "vier": 4,
    "viermal": 4,
    "four": 4,
    "vierte": 4,
    "funf": 5,
    "five": 5,
    "sechs": 6,
    "sechsmal": 6,
    "six": 6,
    "sieben": 7,
    "seven": 7,
    "acht": 8,
    "eight": 8,
    "neun": 9,
    "nine": 9,
    "zehn": 10,
    "ten": 10,
    "elf": 11,
    "eleven": 11,
    "zwolf": 12,
    "twelve": 12,
    "vierzehn": 14,
    "fourteen": 14,
    "achtzehn": 18,
    "eighteen": 18,
    "vierundzwanzig": 24,
    "sechsunddreissig": 36,
}
_N = rf"(?P<n>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
Meaning = Callable[[int], Sequence[Cadence]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """Words and what they mean, given the number among them (0 without one)."""

    words: re.Pattern[str]
    meaning: Meaning
    asks: bool = False


def guess_cadence(words: str) -> Guess:
    """Return what the words of a plan field say about the cadence; two different meanings are a question.

    >>> str(guess_cadence("Wartung, zweimal monatlich").cadence), str(guess_cadence("alle 3 Monate").cadence)
    ('2/m', '3m')
    >>> [str(each) for each in guess_cadence("bimonthly").candidates]
    ['2m', '2/m']
    """
    text, asks = _plain(words), False
    candidates: list[Cadence] = []
    for rule in _RULES:
        for found in rule.words.finditer(text):
            candidates += rule.meaning(_number_in(found))
            asks = asks or rule.asks
        text = rule.words.sub("|", text)
    single = _ONE_OFF.search(text) or (not candidates and _PROJECT.search(text))
    return _judged(tuple(dict.fromkeys(candidates)), asks=asks, is_one_off=bool(single))


def _judged(candidates: tuple[Cadence, ...], *, asks: bool, is_one_off: bool) -> Guess:
    if not candidates:
        return Guess(Certainty.ONE_OFF if is_one_off else Certainty.NONE)
    certain = len(candidates) == 1 and not asks and not is_one_off
    return Guess(Certainty.CERTAIN if certain else Certainty.AMBIGUOUS, candidates)


def _plain(words: str) -> str:
    """Return folded words with single spaces between them; umlauts that were written out read as if they had not been."""
    text = _SEPARATORS.sub(" ", _TIMES_SIGN.sub("x ", fold(words))).strip()
    for written_out, plain in _SPELLINGS:
        text = text.replace(written_out, plain)
    return text


def _number_in(found: re.Match[str]) -> int:
    text = next(filter(None, found.groupdict().values()), "0")
    return _NUMBERS[text] if text in _NUMBERS else int(text)


def _always(*cadences: Cadence) -> Meaning:
    return lambda _number: cadences


def _every(unit: Unit, factor: int = 1) -> Meaning:
    return lambda number: _simplest(unit, number * factor)


def _simplest(unit: Unit, every: int) -> Sequence[Cadence]:
    """Return the cadence in its largest unit: 12 months are a year, 14 days two weeks; nothing for an impossible number."""
    if unit is Unit.MONTH and every % 12 == 0:
        unit, every = Unit.YEAR, every // 12
    if unit is Unit.DAY and every % 7 == 0:
        unit, every = Unit.WEEK, every // 7
    return [Cadence(unit, every)] if 1 <= every <= MAX_EVERY else []


def _times_a_year(times: int) -> Sequence[Cadence]:
    by_number = {24: TWICE_A_MONTH, 26: EVERY_TWO_WEEKS, 52: WEEKLY}
    if times in by_number:
        return [by_number[times]]
    return _simplest(Unit.MONTH, 12 // times) if times and 12 % times == 0 else []


def _times_a_month(times: int) -> Sequence[Cadence]:
    return {1: [MONTHLY], 2: [TWICE_A_MONTH]}.get(times, [])


def _times_a_week(times: int) -> Sequence[Cadence]:
    return [WEEKLY] if times == 1 else []


_UNITS = {
    Unit.YEAR: r"(?:jahr(?:en?|lich\w*|ig\w*)?|years?|yearly|yrs?)",
    Unit.MONTH: r"(?:monat(?:en?|lich\w*|ig\w*)?|months?|monthly|mths?|mo)",
    Unit.WEEK: r"(?:woch(?:en?|entlich\w*|ig\w*)|weeks?|weekly|wks?)",
    Unit.DAY: r"(?:tag(?:en?|lich\w*|ig\w*)?|days?)",
}
_TIMES = rf"(?:{_N} ?(?:x|mal|times)|(?P<word>(?:ein|zwei|drei|vier|sechs)mal|twice|once))(?: ?(?:pro|im|in der|je|per|an?|each|every))? ?"
_A = r"(?:(?:jede[ns]?|pro|per|im|in der|every|each|an?) )?"

#: A table of (words, meaning); the longer and more telling come before those that they contain.
_ASKED: list[tuple[str, Meaning]] = [
    # 6 or 24 a year. -lich is the interval, -ig the duration, often misused for it (metrics 3).
    (r"bi ?monthly|(?:zwei|2) ?monatig\w*", _always(TWO_MONTHLY, TWICE_A_MONTH)),
    # 26 or 104: twice a week is no cadence, so the question offers the one that is (decision 0010).
    (r"bi ?weekly", _always(EVERY_TWO_WEEKS)),
    (r"bi ?annual(?:ly)?|bi ?yearly", _always(HALF_YEARLY, TWO_YEARLY)),
]
_KNOWN: list[tuple[str, Meaning]] = [
    # 1/4-jährlich: the stroke is a separator by now.
    (r"1 4 jahrl\w*", _always(QUARTERLY)),
    (r"1 2 jahrl\w*", _always(HALF_YEARLY)),
    (r"biennial(?:ly)?", _always(TWO_YEARLY)),
    (r"halb ?monatl\w*|(?:semi|half) ?monthly", _always(TWICE_A_MONTH)),
    (
        rf"{_A}(?:halb ?jahr(?:es)?(?:l\w*|ig\w*|abo\w*)?|half ?year(?:ly)?)|semi ?(?:annual(?:ly)?|yearly)",
        _always(HALF_YEARLY),
    ),
    (
        rf"{_A}viertel ?jahr(?:l\w*|ig\w*)?|{_A}quartal|quartals?(?:weise|abo)|{_A}quarter(?:ly)?",
        _always(QUARTERLY),
    ),
    (r"(?:every )?fortnight(?:ly)?", _always(EVERY_TWO_WEEKS)),
    (rf"{_TIMES}(?:jahr(?:lich)?|yearly|annually|year)", _times_a_year),
    (rf"{_TIMES}(?:monat(?:lich)?|monthly|month)", _times_a_month),
    (rf"{_TIMES}(?:woch(?:e|entlich)|weekly|week)", _times_a_week),
    *(
        (rf"(?:(?:alle|jede[ns]?|every|each) )?{_N} ?{words}", _every(unit))
        for unit, words in _UNITS.items()
    ),
    (rf"(?:alle|every) {_N} (?:quartale?|quarters)", _every(Unit.MONTH, 3)),
    (
        rf"jahrl\w*|jahresweise|yearly|annual(?:ly)?|annum|p ?a|jahres(?:abo|plan|vertrag)|{_A}(?:jahr|year)",
        _always(YEARLY),
    ),
    (
        rf"monatl\w*|monatsweise|mtl|monthly|mthly|monats(?:abo|plan|vertrag)|{_A}(?:monat|month)",
        _always(MONTHLY),
    ),
    (rf"wochentl\w*|wochenweise|woch|weekly|wkly|wochenabo|{_A}(?:woche|week)", _always(WEEKLY)),
    (rf"taglich\w*|daily|{_A}(?:tag|day)", _always(Cadence(Unit.DAY))),
]
_RULES = [
    _Rule(re.compile(rf"(?<!\w)(?:{words})(?!\w)"), meaning, asks)
    for asks, table in ((True, _ASKED), (False, _KNOWN))
    for words, meaning in table
]
_ONE_OFF = re.compile(
    r"(?<!\w)(?:einm|einmal(?:ig\w*|zahlung|kauf|betrag)?|one ?(?:off|time)|once|single|nicht wiederkehrend\w*|non ?recurring|kein abo)(?!\w)"
)
#: A single purchase unless other words name a cadence.
_PROJECT = re.compile(r"(?<!\w)(?:proje[ck]t)(?!\w)")
_SPELLINGS = [
    ("jaehr", "jahr"),
    ("woech", "woch"),
    ("taeg", "tag"),
    ("zwoelf", "zwolf"),
    ("fuenf", "funf"),
]
#: 2 × monatlich is not every two months.
_TIMES_SIGN = re.compile(r"(?<=\d) ?[×*]")
_SEPARATORS = re.compile(r"[\W_]+")
