"""How much memory and time the reading of one file may take."""

from dataclasses import dataclass
from pathlib import Path

from turnus.sheets import limits

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process that reads a file may take; larger files may take longer."""

    #: Bytes of its address space.
    memory_bytes: int
    #: Whole seconds of processor time until the headings are known, and for the whole file.
    opening_seconds: int
    seconds: int
    #: Bytes of what its cells come to, beside those that every row may have.
    sent_bytes: int = limits.SENT_BYTES

    @property
    def waiting_seconds(self) -> int:
        """Seconds by the clock after which nobody waits for the headings any more."""
        return self.opening_seconds * limits.PATIENCE

    @property
    def waiting_seconds_for_rows(self) -> int:
        """Seconds by the clock after which nobody waits for the next rows any more."""
        return self.seconds * limits.PATIENCE

    def most_sent_bytes(self, row_count: int) -> int:
        """Return to how many bytes the cells of so many rows may come."""
        return min(
            self.sent_bytes + limits.SENT_BYTES_PER_ROW * row_count,
            limits.MOST_SENT_BYTES,
        )

    @classmethod
    def of(cls, path: Path) -> "Bounds":
        """Return the bounds for a file."""
        megabytes = path.stat().st_size / _MEGABYTE
        return cls(
            limits.READER_BYTES,
            round(
                limits.OPENING_SECONDS
                + limits.OPENING_SECONDS_PER_MB * megabytes
            ),
            round(
                limits.READING_SECONDS
                + limits.READING_SECONDS_PER_MB * megabytes
            ),
        )
