"""The names of months and of days of the week, long and short, in English and German."""

from collections.abc import Mapping

_MONTH_NAMES = (
    ("january", "januar", "jan", "janner", "jaenner", "jänner"),
    ("february", "februar", "feb", "feber", "febr"),
    ("march", "märz", "marz", "maerz", "mar", "mär", "maer", "mrz"),
    ("april", "apr"),
    ("may", "mai"),
    ("june", "juni", "jun", "juno"),
    ("july", "juli", "jul", "julei"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oktober", "oct", "okt"),
    ("november", "nov"),
    ("december", "dezember", "dec", "dez"),
)
_WEEKDAY_NAMES = (
    ("monday", "montag", "mon", "mo"),
    ("tuesday", "dienstag", "tue", "tues", "di"),
    ("wednesday", "mittwoch", "wed", "mi"),
    ("thursday", "donnerstag", "thu", "thur", "thurs", "do"),
    ("friday", "freitag", "fri", "fr"),
    ("saturday", "samstag", "sonnabend", "sat", "sa"),
    ("sunday", "sonntag", "sun", "so"),
)
#: Name of a month in lower case -> its number.
MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(_MONTH_NAMES, 1)
    for name in names
}
#: Name of a day of the week in lower case -> its number, Monday being 0 as in `date.weekday`.
WEEKDAYS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(_WEEKDAY_NAMES)
    for name in names
}
