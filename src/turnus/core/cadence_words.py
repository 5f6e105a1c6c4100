"""What the words of a plan field mean, in German and English."""

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
    CadenceUnit,
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
    """What words say about the cadence.

    `candidates` holds the one cadence if certain; if ambiguous, the possible ones, likeliest first.
    """

    certainty: Certainty
    candidates: tuple[Cadence, ...] = ()

    @property
    def cadence(self) -> Cadence | None:
        """The one meaning; None unless certain."""
        return (
            self.candidates[0] if self.certainty is Certainty.CERTAIN else None
        )


TWO_MONTHLY = Cadence(CadenceUnit.MONTH, 2)
TWO_YEARLY = Cadence(CadenceUnit.YEAR, 2)

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
    is_question: bool = False


def guess_cadence(words: str) -> Guess:
    """Return what the words of a plan field say about the cadence; two meanings are a question.

    >>> str(guess_cadence("Wartung, zweimal monatlich").cadence)
    '2/m'
    >>> str(guess_cadence("alle 3 Monate").cadence)
    '3m'
    >>> [str(each) for each in guess_cadence("bimonthly").candidates]
    ['2m', '2/m']
    """
    text = _plain(words)
    is_question = False
    candidates: list[Cadence] = []
    for rule in _RULES:
        for match in rule.words.finditer(text):
            candidates += rule.meaning(_number_in(match))
            is_question = is_question or rule.is_question
        text = rule.words.sub("|", text)
    is_one_off = _ONE_OFF.search(text) is not None
    if not candidates:
        is_one_off = is_one_off or _PROJECT.search(text) is not None
    distinct = tuple(dict.fromkeys(candidates))
    return _judged(distinct, is_question=is_question, is_one_off=is_one_off)


def _judged(
    candidates: tuple[Cadence, ...], *, is_question: bool, is_one_off: bool
) -> Guess:
    if not candidates and is_one_off:
        return Guess(Certainty.ONE_OFF)
    if not candidates:
        return Guess(Certainty.NONE)
    is_doubtful = is_question or is_one_off
    if len(candidates) > 1 or is_doubtful:
        return Guess(Certainty.AMBIGUOUS, candidates)
    return Guess(Certainty.CERTAIN, candidates)


def _plain(words: str) -> str:
    """Return folded words, with single spaces, umlauts read alike however they are written."""
    with_times = _TIMES_SIGN.sub("x ", fold(words))
    text = _SEPARATORS.sub(" ", with_times).strip()
    for written_out, plain in _SPELLINGS:
        text = text.replace(written_out, plain)
    return text


def _number_in(match: re.Match[str]) -> int:
    numbers = [text for text in match.groupdict().values() if text]
    if not numbers:
        return 0
    text = numbers[0]
    return _NUMBERS[text] if text in _NUMBERS else int(text)


def _always(*cadences: Cadence) -> Meaning:
    return lambda _number: cadences


def _every(unit: CadenceUnit, factor: int = 1) -> Meaning:
    return lambda number: _simplest(unit, number * factor)


def _simplest(unit: CadenceUnit, every: int) -> Sequence[Cadence]:
    """Return the cadence in its largest unit; nothing for an impossible number.

    12 months are a year, 14 days are two weeks.
    """
    if unit is CadenceUnit.MONTH and every % 12 == 0:
        unit = CadenceUnit.YEAR
        every //= 12
    if unit is CadenceUnit.DAY and every % 7 == 0:
        unit = CadenceUnit.WEEK
        every //= 7
    if not 1 <= every <= MAX_EVERY:
        return []
    return [Cadence(unit, every)]


def _times_a_year(times: int) -> Sequence[Cadence]:
    by_number = {24: TWICE_A_MONTH, 26: EVERY_TWO_WEEKS, 52: WEEKLY}
    if times in by_number:
        return [by_number[times]]
    if times == 0 or 12 % times != 0:
        return []
    return _simplest(CadenceUnit.MONTH, 12 // times)


def _times_a_month(times: int) -> Sequence[Cadence]:
    return {1: [MONTHLY], 2: [TWICE_A_MONTH]}.get(times, [])


def _times_a_week(times: int) -> Sequence[Cadence]:
    return [WEEKLY] if times == 1 else []


_UNITS = {
    CadenceUnit.YEAR: r"(?:jahr(?:en?|lich\w*|ig\w*)?|years?|yearly|yrs?)",
    CadenceUnit.MONTH: r"(?:monat(?:en?|lich\w*|ig\w*)?|months?|monthly|mths?|mo)",
    CadenceUnit.WEEK: r"(?:woch(?:en?|entlich\w*|ig\w*)|weeks?|weekly|wks?)",
    CadenceUnit.DAY: r"(?:tag(?:en?|lich\w*|ig\w*)?|days?)",
}
_TIMES = (
    rf"(?:{_N} ?(?:x|mal|times)|(?P<word>(?:ein|zwei|drei|vier|sechs)mal|twice|once))"
    r"(?: ?(?:pro|im|in der|je|per|an?|each|every))? ?"
)
_SEMI = r"semi ?(?:annual(?:ly)?|yearly)"
_ANNUAL = r"yearly|annual(?:ly)?|annum|p ?a"
_A = r"(?:(?:jede[ns]?|pro|per|im|in der|every|each|an?) )?"

#: A table of (words, meaning); the longer and more telling come before those that they contain.
_ASKED: list[tuple[str, Meaning]] = [
    # 6 or 24 a year. -lich is the interval, -ig the duration, often misused for it
    # (cadence.md: Words).
    (
        r"bi ?monthly|(?:zwei|2) ?monatig\w*",
        _always(TWO_MONTHLY, TWICE_A_MONTH),
    ),
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
        rf"{_A}(?:halb ?jahr(?:es)?(?:l\w*|ig\w*|abo\w*)?|half ?year(?:ly)?)|{_SEMI}",
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
    (
        rf"(?:alle|every) {_N} (?:quartale?|quarters)",
        _every(CadenceUnit.MONTH, 3),
    ),
    (
        rf"jahrl\w*|jahresweise|{_ANNUAL}|jahres(?:abo|plan|vertrag)|{_A}(?:jahr|year)",
        _always(YEARLY),
    ),
    (
        rf"monatl\w*|monatsweise|mtl|monthly|mthly|monats(?:abo|plan|vertrag)|{_A}(?:monat|month)",
        _always(MONTHLY),
    ),
    (
        rf"wochentl\w*|wochenweise|woch|weekly|wkly|wochenabo|{_A}(?:woche|week)",
        _always(WEEKLY),
    ),
    (rf"taglich\w*|daily|{_A}(?:tag|day)", _always(Cadence(CadenceUnit.DAY))),
]
_RULES = [
    _Rule(re.compile(rf"(?<!\w)(?:{words})(?!\w)"), meaning, asks)
    for asks, table in ((True, _ASKED), (False, _KNOWN))
    for words, meaning in table
]
_ONE_OFF = re.compile(
    r"(?<!\w)(?:einm|einmal(?:ig\w*|zahlung|kauf|betrag)?|nicht wiederkehrend\w*|kein abo"
    r"|one ?(?:off|time)|once|single|non ?recurring)(?!\w)"
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
