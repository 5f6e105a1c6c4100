"""The file of a backup: a ZIP with a page of contents, the rows of each table, and the files."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from turnus.kit.errors import UserError

#: The number of this format; a later one is refused.
FORMAT = 1
_CONTENTS = "backup.json"
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table in a backup; `digest` is the SHA-256 of its lines."""

    model: str
    columns: Sequence[str]
    row_count: int
    last_id: int
    digest: str

    @property
    def member(self) -> str:
        """The name of its rows in the ZIP."""
        return f"rows/{self.model}.jsonl"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says about itself; `migrations` are the last ones of each app."""

    version: str
    taken_at: datetime
    database: str
    migrations: Mapping[str, str]
    tables: Sequence[TableEntry]

    @property
    def row_count(self) -> int:
        """How many rows all tables have."""
        return sum(table.row_count for table in self.tables)


class BackupWriter:
    """Writes a backup from its beginning to its end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.tables: list[TableEntry] = []

    def add_table(
        self,
        model: str,
        columns: Sequence[str],
        lines: Iterable[bytes],
        *,
        last_id: int,
    ) -> TableEntry:
        """Add the rows of a table, and return what the contents say of it."""
        digest = hashlib.sha256()
        row_count = 0
        member = f"rows/{model}.jsonl"
        with self._archive.open(member, "w", force_zip64=True) as stream:
            for line in lines:
                digest.update(line)
                stream.write(line)
                row_count += 1
        entry = TableEntry(
            model, columns, row_count, last_id, digest.hexdigest()
        )
        self.tables.append(entry)
        return entry

    def add_file(self, name: str, path: Path) -> None:
        """Add a file of the data folder; one that has gone in the meantime is left out."""
        try:
            self._archive.write(path, f"files/{name}")
        except FileNotFoundError:
            return

    def finish(self, contents: Contents) -> None:
        """Write the contents: a file without them is no backup."""
        page = {"format": FORMAT, **asdict(contents)}
        page["taken_at"] = contents.taken_at.isoformat()
        text = json.dumps(page, ensure_ascii=False, indent=1)
        self._archive.writestr(_CONTENTS, text + "\n")


class BackupReader:
    """Reads a backup; raises UserError where the file is none, or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
            self.contents = self._read_contents()
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise UserError("backup.unreadable", file=path.name) from error

    def _read_contents(self) -> Contents:
        page = json.loads(self._archive.read(_CONTENTS))
        if page["format"] != FORMAT:
            raise UserError(
                "backup.newer", file=self.path.name, version=page["version"]
            )
        return Contents(
            version=page["version"],
            taken_at=datetime.fromisoformat(page["taken_at"]),
            database=page["database"],
            migrations=page["migrations"],
            tables=[TableEntry(**table) for table in page["tables"]],
        )

    def lines_of(self, table: TableEntry) -> Iterator[bytes]:
        """Yield the lines of a table; raises UserError where they are damaged."""
        try:
            with self._archive.open(table.member) as stream:
                yield from stream
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
            raise UserError("backup.damaged", file=self.path.name) from error

    def check(self) -> None:
        """Read everything once; raises UserError where something is damaged or missing."""
        for table in self.contents.tables:
            digest = hashlib.sha256()
            for line in self.lines_of(table):
                digest.update(line)
            if digest.hexdigest() != table.digest:
                raise UserError("backup.damaged", file=self.path.name)
        for name in self.file_names:
            self._read_through(name)

    @property
    def file_names(self) -> list[str]:
        """The names of the files, as they stand in the data folder."""
        names = self._archive.namelist()
        return [
            name.removeprefix("files/")
            for name in names
            if name.startswith("files/")
        ]

    def _read_through(self, name: str) -> None:
        for _block in self.file_blocks(name):
            pass

    def file_blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file; raises UserError where it is damaged."""
        try:
            with self._archive.open(f"files/{name}") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise UserError("backup.damaged", file=self.path.name) from error
