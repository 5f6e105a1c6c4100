"""What people and programs send that no form would: texts, numbers, days, broken bytes."""

from collections.abc import Mapping
from urllib.parse import quote_from_bytes

#: Deeper than any parser of ours goes by itself, and than Python's stack.
_DEEP = 10_000
_CONDITION = '{"field":"title","operator":"contains","value":"%s"}'


def _deep_filter(depth: int) -> str:
    return '{"not":' * depth + _CONDITION % "x" + "}" * depth


def _wide_filter(word: str, count: int) -> str:
    return '{"%s":[%s]}' % (word, ",".join([_CONDITION % "x"] * count))  # noqa: UP031 (JSON has braces)


def _filter_on(field: str, operator: str, value: str) -> str:
    return f'{{"field":"{field}","operator":"{operator}","value":{value}}}'


_MANY = ['"x"'] * 40_000
#: Texts as they stand in a form, by name; sent in UTF-8, whatever is not UTF-8 by its bytes.
TEXTS: Mapping[str, str] = {
    "empty": "",
    "blanks": "   ",
    "long": "x" * 300,
    "huge": "x" * 100_000,
    "huge number": "9" * 100_000,
    "NUL": "a\x00b",
    "NUL alone": "\x00",
    "letters that unfold": "\ufdfa" * 255,
    "controls": "\x01\x08\x1b[31m\x7f\u2028",
    "surrogate": "\udc80",
    "pair apart": "\ud83d \ude00",
    "emoji": "👩‍👩‍👧‍👦" * 40,
    "right to left": "\u202eevil\u2066\u200f",
    "accents piled up": "e" + "\u0301" * 2_000,
    "minus one": "-1",
    "zero": "0",
    "one": "1",
    "other id": "2",
    "beyond 32 bits": "2147483648",
    "beyond 64 bits": "9223372036854775808",
    "just in 64 bits": "9223372036854775807",
    "eighteen digits": "9" * 18,
    "twenty digits": "9" * 20,
    "superscript": "²",
    "digits of Arabic": "١٢",
    "fraction": "1.5",
    "1e400": "1e400",
    "1e15": "1e15",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "twelve digits": "999999999999",
    "twelve digits and cents": "-999.999.999.999,9999",
    "day of no year": "0000-00-00",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "last day in German": "31.12.9999",
    "first day in German": "01.01.0001",
    "last moment": "9999-12-31T23:59:59",
    "first moment": "0001-01-01T00:00:00",
    "moment with a zone": "0001-01-01T00:00:00+14:00",
    "no day": "31.02.2018",
    "year of five digits": "12018-01-01",
    "before our era": "-0044-03-15",
    "week": "2018-W46",
    "24 o'clock": "24:00",
    "path": "../../etc/passwd",
    "path with NUL": "../\x00/",
    "address elsewhere": "//evil.example/",
    "broken address": "http://[",
    "script": '"><script>alert(1)</script>',
    "SQL": "' OR 1=1; DROP TABLE sales_deal; --",
    "percent": "%s %(x)s %",
    "braces": "{0.__class__} {{ x }} {% y %}",
    "formula": "=1+1",
    "line ends": "a\r\nSet-Cookie: b=1",
    "word of a kind": "persons",
    "field of another kind": "organization.name",
    "custom field that is none": "custom.0000",
    "descending twice": "--title",
    "JSON null": "null",
    "JSON list": "[]",
    "JSON number": "1e400",
    "JSON NaN": "NaN",
    "JSON object": "{}",
    "JSON deep": "[" * _DEEP,
    "filter deep": _deep_filter(_DEEP),
    "filter 60 deep": _deep_filter(60),
    "filter 49 deep": _deep_filter(49),
    "filter wide": _wide_filter("any", 2_000),
    "filter wide and long": _wide_filter("all", 1_000),
    "filter with many values": _filter_on(
        "title", "is_any_of", f"[{','.join(_MANY)}]"
    ),
    "filter with a surrogate": _filter_on("title", "contains", '"\\udc80"'),
    "filter with NUL": _filter_on("title", "is", '"a\\u0000"'),
    "filter on a surrogate": _filter_on("\\udc80", "is", '"x"'),
    "filter on a number": _filter_on("value", "more_than", "9" * 30),
    "filter on text as number": _filter_on("value", "more_than", '"x"'),
    "filter next years": _filter_on(
        "won_at", "in_period", '{"span": 36500, "unit": "years"}'
    ),
    "filter ago years": _filter_on(
        "won_at", "before", '{"ago": 36500, "unit": "years"}'
    ),
    "filter ago weeks": _filter_on(
        "created_at", "after", '{"ago": -36500, "unit": "weeks"}'
    ),
    "filter last day": _filter_on("won_at", "on_or_before", '"9999-12-31"'),
    "filter last moment": _filter_on("created_at", "is", '"9999-12-31"'),
    "filter first moment": _filter_on(
        "created_at",
        "between",
        '{"from": "0001-01-01", "until": "9999-12-31"}',
    ),
    "filter day and time": _filter_on(
        "expected_close_on", "after", '"2018-11-14T10:00"'
    ),
    "filter week": _filter_on("created_at", "after", '"2018-W46-3"'),
    "filter day without marks": _filter_on("won_at", "is", '"20181114"'),
    "filter short day": _filter_on("created_at", "is", '"2018"'),
    "filter boolean": _filter_on("title", "is", "true"),
    "filter object": _filter_on("title", "is", '{"period": []}'),
    "filter unit": _filter_on("won_at", "before", '{"ago": 1, "unit": []}'),
    "filter deep value": _filter_on("title", "is", "[" * 200 + "]" * 200),
    "filter not": '{"not": null}',
    "filter id": _filter_on("id", "is", "9223372036854775808"),
    "filter huge text": _filter_on(
        "title", "contains", '"%s"' % ("x" * 90_000)
    ),
    "filter option": _filter_on(
        "labels", "is_all_of", f"[{','.join('1' * 3_000)}]"
    ),
}

#: Bytes that are no text, as they stand behind the equals sign.
BYTES: Mapping[str, bytes] = {
    "no percent encoding": b"%zz%",
    "half a percent encoding": b"a%2",
    "no UTF-8": b"%ff%fe",
    "overlong UTF-8": b"%c0%80%e0%80%af",
    "raw bytes": b"\xff\xfe\x80",
    "encoded NUL": b"%00",
}


def encoded() -> dict[str, bytes]:
    """Return every value as it stands in an encoded form or behind a question mark, by name."""
    texts = {
        name: quote_from_bytes(text.encode("utf-8", "surrogatepass")).encode()
        for name, text in TEXTS.items()
    }
    return {**texts, **BYTES}


#: In the place of a number, and of a word, in a path.
NUMBERS = (
    "0",
    "000",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 400,
    "9" * 5_000,
)
WORDS = (
    "x" * 3_000,
    "-",
    "_",
    "__class__",
    "DEALS",
    "subscriptions",
    "mrr",
    "won",
    "settings",
)

_LONG = "x" * 20_000
#: Headers as the server hands them on (WSGI: texts in Latin-1), and values of each.
HEADERS = tuple(
    (header, value)
    for header, values in {
        "HTTP_COOKIE": (
            'sessionid="abcdefgh\\000ijkl"',
            "sessionid=" + _LONG,
            "sessionid=\x80\xff",
            "csrftoken=\x00",
            "messages=x",
            "=;;=",
            'csrftoken="\\000"',
            "sessionid=..%2f..",
            'messages="\\000"',
        ),
        "HTTP_REFERER": (
            "http://[",
            "http://testserver/\x80",
            _LONG,
            "http://testserver/deals/?where=%00",
        ),
        "HTTP_HX_REQUEST": ("true", "x"),
        "HTTP_HX_CURRENT_URL": ("http://[", "%00", "\xff"),
        "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": ("true",),
        "HTTP_HX_TARGET": ("\x00", _LONG),
        "HTTP_HX_TRIGGER": ("\xff",),
        "HTTP_HX_PROMPT": ("%ed%b2%80",),
        "HTTP_ACCEPT_LANGUAGE": ("xx", "de;q=1e400", "-,;=", _LONG, "\x00"),
        "HTTP_HOST": ("evil.example", "[", "testserver:99999999", "\x00"),
        "HTTP_X_FORWARDED_FOR": ("\x00", "x, y", _LONG, "1.2.3.4"),
        "HTTP_X_FORWARDED_PROTO": ("https", "x"),
        "HTTP_X_CSRFTOKEN": ("\x00", _LONG),
        "HTTP_RANGE": ("bytes=0-,x", "bytes=-1"),
        "HTTP_IF_MODIFIED_SINCE": ("Sat, 29 Oct 99999 19:43:31 GMT", "x"),
        "HTTP_IF_NONE_MATCH": ("\xff", '"'),
        "HTTP_CONTENT_ENCODING": ("gzip",),
        "HTTP_EXPECT": ("100-continue",),
        "HTTP_USER_AGENT": ("\x00\xff",),
        "CONTENT_LENGTH": ("-1", "", "9" * 30),
        "QUERY_STRING": (
            "%",
            "&&==&",
            "=%00",
            "a" * 20_000,
            "&".join(["a=1"] * 6_000),
            "%00=1",
            "\xff=\xfe",
        ),
        "PATH_INFO": (
            "/%00/",
            "/\x00/",
            "/deals/\xff/",
            "//",
            "/../../",
            "/static/../../etc/passwd",
            "/static/\x00",
            "/favicon.svg/",
        ),
        "REQUEST_METHOD": ("HEAD", "OPTIONS", "TRACE", "X"),
    }.items()
    for value in values
)


def bodies() -> list[tuple[str, str, bytes]]:
    """Return bodies that no browser sends: what is wrong, their content type and bytes."""
    part = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--b--\r\n'
    pairs = b"field=title&value=x"
    multipart = "multipart/form-data; boundary=b"
    return [
        ("no boundary", "multipart/form-data", pairs),
        (
            "long boundary",
            f"multipart/form-data; boundary={'b' * 5_000}",
            pairs,
        ),
        ("odd boundary", "multipart/form-data; boundary=\xff", pairs),
        (
            "no end",
            multipart,
            b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n",
        ),
        (
            "no name",
            multipart,
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        ),
        ("no headers", multipart, b"--b\r\n\r\n\r\n--b--"),
        (
            "base64 that is none",
            multipart,
            (
                b"--b\r\nContent-Disposition: form-data; name=value\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\n%\r\n--b--\r\n"
            ),
        ),
        ("odd name", multipart, part % (b"\x00\xff", b"", b"x")),
        ("NUL in a part", multipart, part % (b"value", b"", b"a\x00b")),
        (
            "surrogate in a part",
            multipart,
            part % (b"value", b"", b"\xed\xb2\x80"),
        ),
        (
            "file for a text",
            multipart,
            part % (b"value", b'; filename="x"', b"x"),
        ),
        (
            "odd file name",
            multipart,
            part % (b"file", b'; filename="../../\x00"', b"x"),
        ),
        (
            "long file name",
            multipart,
            part % (b"file", b'; filename="' + b"x" * 5_000 + b'.csv"', b"x"),
        ),
        (
            "foreign file name",
            multipart,
            part % (b"file", b"; filename*=base64''x", b"x"),
        ),
        (
            "many parts",
            multipart,
            b"".join(
                [b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n"]
                * 6_000
            )
            + b"--b--\r\n",
        ),
        (
            "many fields",
            "application/x-www-form-urlencoded",
            b"&".join([b"a=1"] * 6_000),
        ),
        (
            "large",
            "application/x-www-form-urlencoded",
            b"value=" + b"x" * 3_000_000,
        ),
        ("JSON", "application/json", b'{"value": 1}'),
        ("nothing said", "", pairs),
        ("odd type", "\xff/\xfe; charset=\xff", pairs),
    ]
