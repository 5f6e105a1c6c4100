"""Damaged and hostile files, made from good ones: wrong bytes, archives and parts."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import openpyxl
import xlwt

Parts = dict[str, bytes]

HEADINGS: list[object] = [
    "Titel",
    "Organisation",
    "Wert",
    "Währung",
    "Status",
    "Gewonnen am",
]
ROWS: list[list[object]] = [
    [
        "Hosting",
        "Kundin GmbH",
        99.5,
        "EUR",
        "Gewonnen",
        datetime(2018, 10, 1, 9, 30),
    ],
    ["Wartung", "Müller & Söhne", 1200, "EUR", "Offen", None],
    ["Größe 🎉", "Ärzte AG", -3, "CHF", "Verloren", datetime(2017, 2, 28)],
]
#: What stands in attributes and contents, and what a hostile file puts there instead.
ODD_REFERENCES = (
    "ZZZZZZ2",
    "A0",
    "A1048577",
    "XFD1048576",
    "XFE1",
    "1",
    "A",
    "",
    "a2",
    "Ä1",
    "A-1",
    "$A$1",
    "A" * 10_000,
)
ODD_NUMBERS = (
    "NaN",
    "INF",
    "-inf",
    "1e999",
    "-1e-999",
    "1,5",
    "٣",
    "9" * 5_000,
    "-1",
    "0x10",
    " 7 ",
    "1_000",
    "",
)
ODD_INDICES = ("-1", "99999999999", "x", "", "1.5", "9" * 5_000, "١")
ODD_DAYS = ("-1", "0", "60", "2958466", "1e10", "-1e300", "NaN", "0.99999999")
ODD_TARGETS = (
    "../../../../etc/passwd",
    "/",
    "",
    "workbook.xml",
    "http://example.org/a.xml",
    "\\",
    "styles.xml",
    "%2e%2e/x",
)
ODD_RANGES = (
    "A1:XFD1048576",
    "B2:A1",
    "A1",
    ":",
    "A0:A0",
    "ZZZ1:ZZZ9999999",
    "",
    "A1:B2:C3",
)
BROKEN_XML = (
    b"",
    b"<",
    b"\0" * 64,
    b"no xml at all",
    b"<a><b></a>",
    b"<?xml version='1.0' encoding='no-such'?><a/>",
    b"<?xml version='1.0' encoding='utf-16'?><a/>",
    b"<a/><b/>",
    b"<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>",
    b"<a>&undefined;</a>",
    b"<a " + b"x" * 5_000,
    b"<a>" * 3_000,
)


def good_xlsx() -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for line in [HEADINGS, *ROWS]:
        page.append(line)
    page.merge_cells("A6:A7")
    page["C2"].number_format = "[$CHF] #,##0.00"
    book.create_sheet("Zwei").append(["x"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def good_xls() -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("Deals")
    for number, line in enumerate([HEADINGS, *ROWS]):
        for column, value in enumerate(line):
            if value is not None:
                page.write(number, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def good_csv() -> bytes:
    lines = [
        ";".join("" if cell is None else str(cell) for cell in line)
        for line in [HEADINGS, *ROWS]
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def parts_of(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(
    parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def damaged(content: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    """Yield what becomes of any file: cut off, with flipped, lost, doubled and foreign bytes."""
    for _ in range(12):
        place = random.randrange(len(content))
        yield f"cut at {place}", content[:place]
        yield f"without its first {place}", content[place:]
        flipped = bytearray(content)
        for _ in range(random.choice([1, 3, 30])):
            flipped[random.randrange(len(content))] ^= 1 << random.randrange(8)
        yield f"flipped near {place}", bytes(flipped)
        end = place + random.randrange(1, 600)
        yield f"lost {place} to {end}", content[:place] + content[end:]
        yield (
            f"zeros {place} to {end}",
            content[:place] + bytes(end - place) + content[end:],
        )
        yield f"doubled {place} to {end}", content[:end] + content[place:]
        # Sizes, counts and offsets of binary formats are little-endian numbers.
        lie = struct.pack(
            "<I",
            random.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 0xFFFE]),
        )
        yield f"a lie at {place}", content[:place] + lie + content[place + 4 :]


def wrong_archives(
    content: bytes, random: Random
) -> Iterator[tuple[str, bytes]]:
    """Yield archives with all parts, but in other places, or with other names or sizes."""
    parts = parts_of(content)
    yield "stored", packed(parts, method=zipfile.ZIP_STORED)
    yield "bzip2", packed(parts, method=zipfile.ZIP_BZIP2)
    yield "lzma", packed(parts, method=zipfile.ZIP_LZMA)
    yield "junk before", b"junk" * 50 + content
    yield "junk behind", content + b"junk" * 50
    yield (
        "in a folder",
        packed({f"deals/{name}": part for name, part in parts.items()}),
    )
    yield (
        "backslashes",
        packed(
            {name.replace("/", "\\"): part for name, part in parts.items()}
        ),
    )
    yield (
        "capitals",
        packed({name.upper(): part for name, part in parts.items()}),
    )
    yield (
        "outside",
        packed({f"../../{name}": part for name, part in parts.items()}),
    )
    yield "twice", content[:-22] + content
    yield "parts twice", _with_every_part_twice(parts)
    central = content.index(b"PK\x01\x02")
    for name, offset, size in [
        ("flags", 8, 2),
        ("method", 10, 2),
        ("crc", 16, 4),
        ("packed size", 20, 4),
        ("size", 24, 4),
        ("place", 42, 4),
    ]:
        lie = random.choice(
            [b"\0" * size, b"\1" + b"\0" * (size - 1), b"\xff" * size]
        )
        place = central + offset
        yield (
            f"lies about {name} ({lie.hex()})",
            content[:place] + lie + content[place + size :],
        )


def _with_every_part_twice(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in [*parts.items(), *reversed(parts.items())]:
            archive.NameToInfo.pop(name, None)  # else the library warns
            archive.writestr(name, part)
    return buffer.getvalue()


def wrong_parts(content: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    """Yield archives in which each part in turn is gone, empty, another one, or broken XML."""
    parts = parts_of(content)
    for name, part in parts.items():
        others = [one for one in parts if one != name]
        other = random.choice(others)
        place = random.randrange(len(part))
        yield f"without {name}", packed({one: parts[one] for one in others})
        yield (
            f"{name} and {other} exchanged",
            packed({**parts, name: parts[other], other: part}),
        )
        yield f"{name} cut at {place}", packed({**parts, name: part[:place]})
        yield (
            f"{name} in UTF-16",
            packed(
                {
                    **parts,
                    name: part.decode()
                    .replace("UTF-8", "UTF-16")
                    .encode("utf-16"),
                }
            ),
        )
        for broken in random.sample(BROKEN_XML, 4):
            yield f"{name} is {broken[:20]!r}", packed({**parts, name: broken})


def wrong_values(
    content: bytes, random: Random
) -> Iterator[tuple[str, bytes]]:
    """Yield archives in which one attribute or content of the XML holds what no program writes."""
    parts = parts_of(content)
    page, relations = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
    places: Sequence[tuple[str, bytes, bytes, Sequence[str]]] = [
        (page, b'<c r="', b'"', ODD_REFERENCES),
        (
            page,
            b'<row r="',
            b'"',
            ("0", "-1", "1048577", "2", "x", "9" * 5_000, ""),
        ),
        (page, b'" s="', b'"', ODD_INDICES),
        (
            page,
            b' t="',
            b'"',
            ("s", "n", "b", "e", "d", "str", "inlineStr", "", "zz"),
        ),
        (page, b"<v>", b"</v>", (*ODD_NUMBERS, *ODD_DAYS, *ODD_INDICES)),
        (page, b'<mergeCell ref="', b'"', ODD_RANGES),
        (page, b'<dimension ref="', b'"', ODD_RANGES),
        (
            "xl/workbook.xml",
            b"<sheet ",
            b"/>",
            ("", 'name=""', 'name="a" r:id="rId99"', 'state="zz"'),
        ),
        ("xl/styles.xml", b'numFmtId="', b'"', ODD_INDICES),
        (
            "xl/styles.xml",
            b'formatCode="',
            b'"',
            (
                '"',
                "[$" * 400,
                "0" * 900,
                "yyyy" * 200,
                "[>",
                "@@@;;;;;",
                "[$-FFFFFFFFFFFF]0",
            ),
        ),
        (relations, b'Target="', b'"', ODD_TARGETS),
        (
            relations,
            b'Type="',
            b'"',
            ("", "x/worksheet", "x/styles", "x/sharedStrings"),
        ),
        (relations, b'Id="', b'"', ("", "rId1", "rId2")),
    ]
    for name, before, behind, odd in places:
        part = parts[name]
        begins = [place + len(before) for place in _places_of(before, part)]
        for value in random.sample(odd, min(len(odd), 6)):
            start = random.choice(begins)
            end = part.index(behind, start)
            changed = part[:start] + _escaped(value) + part[end:]
            yield (
                f"{name}: {before.decode()}{value[:20]}",
                packed({**parts, name: changed}),
            )


def _places_of(text: bytes, part: bytes) -> Iterator[int]:
    place = part.find(text)
    while place >= 0:
        yield place
        place = part.find(text, place + 1)


def _escaped(value: str) -> bytes:
    return (
        value.replace("&", "&amp;").replace("<", "&lt;").encode()
        if "=" not in value
        else value.encode()
    )


Damage = Callable[[bytes, Random], Iterator[tuple[str, bytes]]]
#: A good file by its format, and everything that can be wrong with it.
DAMAGES: Sequence[tuple[str, Callable[[], bytes], Damage]] = [
    ("xlsx", good_xlsx, damaged),
    ("xlsx", good_xlsx, wrong_archives),
    ("xlsx", good_xlsx, wrong_parts),
    ("xlsx", good_xlsx, wrong_values),
    ("xls", good_xls, damaged),
    ("csv", good_csv, damaged),
]


def hostile_files(folder: Path, random: Random) -> Iterator[tuple[str, Path]]:
    """Yield each file with what is wrong with it, all at the same place, some with a wrong name."""
    for ending, make, damage in DAMAGES:
        good = make()
        for what, content in damage(good, random):
            path = (
                folder
                / f"deals.{random.choice([ending, ending, 'csv', 'xlsx', 'xls'])}"
            )
            path.write_bytes(content)
            yield f"{ending} {what}", path
            path.unlink()
