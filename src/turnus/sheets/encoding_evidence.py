"""What letters and words tell about an encoding: which one makes words of bytes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

#: Letters outside ASCII by language, and the weight of each: a file in one language has hardly any
#: others.
Alphabets = Mapping[str, float]
_WESTERN: Alphabets = {
    "äöüß": 1.0,
    "éàâæçèêëîïôœùûüÿ": 0.9,
    "áéíóúñü": 0.85,
    "áâãàçéêíóôõúü": 0.8,
    "àèéìîòóù": 0.8,
    "æøåéöü": 0.8,
    "åäöéü": 0.9,
    "éëïóöüè": 0.8,
    "áéíóúöðþýæ": 0.4,
    "äöõü": 0.6,
    "šž": 0.5,
}
_CENTRAL: Alphabets = {
    "ąćęłńóśźż": 0.8,
    "áčďéěíňóřšťúůýž": 0.8,
    "áäčďéíĺľňóôŕšťúýž": 0.8,
    "áéíóöőúüű": 0.8,
    "čćđšž": 0.8,
    "ăâîșțşţ": 0.8,
    "äöüß": 1.0,
}
_TURKISH: Alphabets = {"çğıöşüâ": 0.8}
_BALTIC: Alphabets = {"āčēģīķļņšūž": 0.7, "ąčęėįšųūž": 0.7, "äöõüšž": 0.7}
#: Other scripts: a word is written in one of them alone.
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ")
_GREEK = frozenset("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ")


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    #: What speaks for it before a letter is seen, in letters.
    start: float
    #: What it is used for: languages in Latin letters, or another script.
    alphabets: Alphabets | None = None
    script: frozenset[str] = frozenset()


#: Windows-1252 is by far the most common; in files of Central Europe it turns some letters into
#: signs.
_CANDIDATES = (
    _Candidate("cp1252", 1.25, _WESTERN),
    _Candidate("iso8859_15", 1.0, _WESTERN),
    _Candidate("mac_roman", 0.0, _WESTERN),
    _Candidate("cp850", 0.0, _WESTERN),
    _Candidate("cp437", -0.1, _WESTERN),
    _Candidate("cp1250", 0.0, _CENTRAL),
    _Candidate("iso8859_2", -0.2, _CENTRAL),
    _Candidate("cp852", -0.4, _CENTRAL),
    _Candidate("cp1254", -0.2, _TURKISH),
    _Candidate("cp1257", -0.4, _BALTIC),
    _Candidate("cp1251", 0.5, script=_CYRILLIC),
    _Candidate("koi8_r", 0.2, script=_CYRILLIC),
    _Candidate("cp866", 0.2, script=_CYRILLIC),
    _Candidate("mac_cyrillic", 0.0, script=_CYRILLIC),
    _Candidate("cp1253", 0.5, script=_GREEK),
)
#: What old Macs wrote between lines speaks for their letters.
_LONE_RETURNS = 2.0
#: What a letter counts that another language has, and one that none has.
_ELSEWHERE, _NOWHERE = 0.2, -1.0
_IN_SCRIPT = 0.9
#: What a sign amid a word counts, one beside a word, one where people set it.
_SIGN_IN_WORD, _SIGN_BESIDE, _SIGN_IN_PLACE = -2.0, -0.3, 0.6
_SIGN_WITHIN = 1.0
_WRONG_CASE = -1.0
#: A capital that is no part of a word.
_ALONE = -0.7
_NO_LETTER = -3.0
#: Letters by which the best must be ahead of the next, and the share of all that must support it.
_AHEAD = 1.0
_LEAST_SHARE = 0.3

_WORD = re.compile(r'[^ \t\r\n;,|"]+')
#: What stands beside a word without being part of it, visible or not.
_AROUND_WORDS = (
    ".:()'„“”‚‘’«»!?\u00a0\u202f\u00ad\u200b\u200c\u200d\u2060\ufeff"
)
#: Signs that people set within words, before them and behind them.
_WITHIN = frozenset("’‘ʼ\u2010\u2011\u00ad\u200b\u200c\u200d\u2060\ufeff·")
_BEFORE = frozenset("„‚“‘«»‹›€£¥¿¡§©–—’")
_BEHIND = frozenset("“”’‘»«›‹€£¥°²³®™…ªº–—%‰©")
#: Signs that bytes become in the wrong encoding, and that never stand between two letters.
_NEVER_INSIDE = frozenset(
    "„‚†‡‰ˆ¸ƒ¤¢¬¥£±¶÷×‹›«»¡¿¦¨¯¹³²ª®©™¼½¾◊∂∑∏∫√≈∆⁄ﬁﬂ˜˘˙˚˝˛ˇ“”…€"
)
_ODD_CAPITALS = frozenset("ŸŠŽŒ")
#: UTF-8 read as Windows-1252 and written as UTF-8 once more: ü is Ã¼, ’ is â€™.
_TWICE = re.compile(
    "Ã[\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Â[\u0080-\u00bf]|â€|ï»¿|ï¿½"
)
_CONTROLS = re.compile("[\u0080-\u0084\u0086-\u009f\ufffd]")
_VOWELS = frozenset("aeiouyäöü")
_ACCENTED_VOWELS = frozenset("áíóú")


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding, and whether something speaks against it."""

    name: str
    is_doubtful: bool


def best_encoding(
    lines: Sequence[bytes], *, has_lone_returns: bool
) -> EncodingGuess:
    """Return which encoding makes words of lines that are not UTF-8."""
    sample = b"\n".join(lines)
    east = _japanese(sample)
    if east:
        return EncodingGuess(east, is_doubtful=False)
    scores = {}
    for candidate in _CANDIDATES:
        score = _score(sample, candidate, has_lone_returns=has_lone_returns)
        scores[candidate.name] = score
    best = max(scores, key=lambda name: scores[name])
    letter_count = sum(byte > 0x7F for byte in sample)
    if scores[best] < _LEAST_SHARE * letter_count:
        name = _by_library(sample) or best
        return EncodingGuess(name, is_doubtful=True)
    text = _decoded(sample, best)
    others = [
        scores[name] for name in scores if _decoded(sample, name) != text
    ]
    is_close = bool(others) and scores[best] - max(others) < _AHEAD
    is_doubtful = is_close or doubts_of(text)
    return EncodingGuess(best, is_doubtful=is_doubtful)


def _by_library(sample: bytes) -> str:
    # Few files need it: half of the time that reading a small file takes would go into loading it.
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else ""


def doubts_of(text: str) -> bool:
    """Return whether a text holds what no word has: lost letters, controls, signs in words."""
    if text.isascii():
        return False
    if is_garbled(text):
        return True
    return any(
        _is_odd(word) for word in _WORD.findall(text) if not word.isascii()
    )


def is_garbled(text: str) -> bool:
    """Return whether letters of a text were encoded twice or lost, whatever it is read as now."""
    return bool(_TWICE.search(text) or _CONTROLS.search(text))


def words_outside_ascii(
    texts: Iterable[str], most: int = 3
) -> tuple[str, ...]:
    """Return the first different words with letters, or else signs, outside ASCII."""
    words: dict[str, None] = {}
    signs: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(text):
            if word.isascii():
                continue
            shown = word.strip(_AROUND_WORDS)[:40]
            is_word = not shown.isascii() and (
                _has_letter(shown) or _CONTROLS.search(shown)
            )
            if is_word:
                words.setdefault(shown)
            elif len(signs) < most and not _is_invisible(word):
                signs.setdefault(word[:40])
            if len(words) == most:
                return tuple(words)
    return tuple(words or signs)


def _is_invisible(word: str) -> bool:
    """Return whether all outside ASCII in a word is invisible: byte order marks, soft hyphens."""
    return all(
        letter < "\x7f" or unicodedata.category(letter) == "Cf"
        for letter in word
    )


def _has_letter(word: str) -> bool:
    return any(
        letter.isalpha() and not letter.isascii() for letter in word
    ) or _is_odd(word)


def _is_odd(word: str) -> bool:
    """Return whether a sign or a capital stands in a word where no language has it."""
    for before, letter, behind in _in_context(word):
        if letter in _NEVER_INSIDE and before.isalpha() and behind.isalpha():
            return True
        if letter in _ODD_CAPITALS and before.isalpha() and behind.islower():
            return True
    return False


def _in_context(word: str) -> Iterator[tuple[str, str, str]]:
    """Yield each letter outside ASCII with those before and behind it, empty at the ends."""
    for index, letter in enumerate(word):
        if letter > "\x7f":
            yield (
                word[index - 1 : index] if index else "",
                letter,
                word[index + 1 : index + 2],
            )


def _decoded(sample: bytes, name: str) -> str:
    return sample.decode(name, "replace")


def _score(
    sample: bytes, candidate: _Candidate, *, has_lone_returns: bool
) -> float:
    """Return how many letters speak for an encoding, less those that speak against it."""
    start = candidate.start
    if has_lone_returns and candidate.name.startswith("mac"):
        start += _LONE_RETURNS
    words = [
        word
        for word in _WORD.findall(_decoded(sample, candidate.name))
        if not word.isascii()
    ]
    if candidate.alphabets:
        return start + _latin_score(words, candidate.alphabets)
    return start + sum(_script_score(word, candidate.script) for word in words)


def _latin_score(words: Sequence[str], alphabets: Alphabets) -> float:
    counts: Counter[str] = Counter()
    score = 0.0
    for word in words:
        score += _crowded(word)
        for before, letter, behind in _in_context(word):
            if letter.isalpha() and letter not in "ªº":
                against = _against_letter(before, letter, behind)
                score += against
                counts[letter.lower()] += not against
            else:
                score += _sign_score(before, letter, behind)
    by_language = {
        language: weight * sum(counts[letter] for letter in language)
        for language, weight in alphabets.items()
    }
    best = max(by_language, key=lambda language: by_language[language])
    every = "".join(alphabets)
    for letter, count in counts.items():
        if letter not in best:
            score += count * (_ELSEWHERE if letter in every else _NOWHERE)
    return score + by_language[best]


def _against_letter(before: str, letter: str, behind: str) -> float:
    """Return what speaks against a letter at its place, 0 where nothing does."""
    if letter in "õÕ" and behind not in ("e", "E"):
        return _WRONG_CASE
    if letter.isupper():
        if not before.isalnum() and not behind.isalnum():
            return _ALONE
        is_amid_small = before.isalpha() and (
            before.islower() or behind.islower()
        )
        return _WRONG_CASE if is_amid_small else 0
    if behind.isupper():
        return _WRONG_CASE
    if letter == "ß" and before.lower() not in _VOWELS:
        return _WRONG_CASE
    is_between_vowels = (
        before.lower() in _VOWELS
        and behind in _VOWELS
        and bool(before and behind)
    )
    return (
        _WRONG_CASE if letter in _ACCENTED_VOWELS and is_between_vowels else 0
    )


def _sign_score(before: str, sign: str, behind: str) -> float:
    if sign == "\ufffd" or unicodedata.category(sign) == "Cc":
        return _NO_LETTER
    if sign == "¤":
        return _SIGN_IN_WORD
    if sign in "€£¥" and (before + behind).isalpha():
        return _SIGN_BESIDE
    if before.isalpha() and behind.isalpha():
        is_usual = sign in _WITHIN or (sign in "–—\u00a0" and behind.isupper())
        return _SIGN_WITHIN if is_usual else _SIGN_IN_WORD
    if before.isalnum() and not behind.isalnum():
        return _SIGN_IN_PLACE if sign in _BEHIND else _SIGN_BESIDE
    if behind.isalnum() and not before.isalnum():
        return _SIGN_IN_PLACE if sign in _BEFORE else _SIGN_BESIDE
    return (
        _SIGN_IN_PLACE if sign in _BEHIND | _BEFORE | _WITHIN else _SIGN_BESIDE
    )


def _crowded(word: str) -> float:
    """Return what speaks against a word of mostly letters outside ASCII, as of mistaken scripts."""
    letters = [letter for letter in word if letter.isalpha()]
    outside = sum(letter > "\x7f" for letter in letters)
    return (
        -1.5 * outside
        if len(letters) >= 4 and outside * 3 > len(letters) * 2
        else 0.0
    )


def _script_score(word: str, script: frozenset[str]) -> float:
    """Return what a word says for another script: all letters are in it, capitals come first."""
    letters = [letter for letter in word if letter.isalpha()]
    if any(letter.isascii() for letter in letters):
        return _SIGN_IN_WORD * len(letters)
    known = sum(letter.lower() in script for letter in letters)
    score = _IN_SCRIPT * known + _NOWHERE * (len(letters) - known)
    for before, letter, behind in _in_context(word):
        if letter.isalpha():
            is_amid_small = (
                letter.isupper()
                and before.isalpha()
                and (before.islower() or behind.islower())
            )
            score += (
                _WRONG_CASE * 2
                if is_amid_small or (letter.islower() and behind.isupper())
                else 0
            )
        else:
            score += _sign_score(before, letter, behind)
    return score if len(letters) > 1 else min(score, _ELSEWHERE)


def _japanese(sample: bytes) -> str:
    """Return the encoding if the bytes are certainly Japanese: syllables, nothing unreadable."""
    for name in ("cp932", "euc_jp"):
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        outside = [letter for letter in text if letter > "\x7f"]
        kana = sum("\u3041" <= letter <= "\u30ff" for letter in outside)
        east = sum(
            letter >= "\u3000" and not "\uff61" <= letter <= "\uff9f"
            for letter in outside
        )
        if kana and east == len(outside):
            return name
    return ""
