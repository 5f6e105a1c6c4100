"""Imports: the file, its columns and answers, the stored plan, remembered columns."""

from django.conf import settings
from django.db import models

from turnus.fields.models import RECORD_KINDS
from turnus.history.models import Run


class Import(models.Model):
    """One file on its way in; its changes name `run`."""

    class State(models.TextChoices):
        #: Uploaded; the columns are being matched.
        COLUMNS = "columns"
        #: A job is checking the rows.
        CHECKING = "checking"
        #: The plan is stored; questions may be open.
        CHECKED = "checked"
        #: A job is carrying out the plan.
        IMPORTING = "importing"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"
        #: A person threw the plan away before anything of it was carried out.
        DISCARDED = "discarded"
        #: Nobody carried the plan out for days; it can be checked again.
        EXPIRED = "expired"

    run = models.OneToOneField(Run, models.PROTECT, related_name="import_file")
    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.COLUMNS
    )
    file_name = models.CharField(max_length=255)
    #: Name inside the data folder's `uploads`, or the absolute path of a file read in place.
    stored_as = models.CharField(max_length=1000)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    sheet = models.CharField(max_length=255, blank=True)
    sheets = models.JSONField(default=list)
    headings = models.JSONField(default=list)
    #: The first cells of each column, as text, to show while columns are matched.
    samples = models.JSONField(default=list)
    #: Field path for each column, null where it is left out.
    columns = models.JSONField(default=list)
    #: How the file was read, see `imports.files.as_stored`; complete once it was checked.
    reading = models.JSONField(default=dict)
    #: How a person chose to read it: the fields of `core.tables.ReadingChoices` that are set.
    choices = models.JSONField(default=dict)
    #: Headings of columns that a person skipped.
    ignored = models.JSONField(default=list)
    #: Columns with values that fill no field, by the last check, see `imports.unused_columns`.
    left_out = models.JSONField(default=list)
    #: Question key -> answer, see `imports.questions`.
    answers = models.JSONField(default=dict)
    #: Open and answered questions of the last check.
    questions = models.JSONField(default=list)
    #: The day that blank won times get; null: the day of the import.
    on = models.DateField(null=True, blank=True)
    totals = models.JSONField(default=dict)
    #: Rows seen by the running job, and how many there are, for the progress bar.
    progress = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    #: Code and values of what went wrong as a whole.
    error = models.JSONField(default=dict)
    #: When the last check began.
    checked_at = models.DateTimeField(null=True, blank=True)
    #: A person wants it beside other imports of the very same file, twice on purpose.
    is_again = models.BooleanField(default=False)

    class Meta:
        ordering = ("-run_id",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_open_questions(self) -> bool:
        """Whether rows, or the file as a whole, wait for an answer."""
        return bool(self.totals.get("question") or self.totals.get("asked"))

    @property
    def added_words(self) -> list[str]:
        """Stages, options, labels and currencies that it added; undo leaves them."""
        return [word for _kind, word in self.totals.get("added", ())]

    @property
    def unsaid_columns(self) -> list[str]:
        """Headings of the columns that hold values, fill no field, and that nobody left out."""
        return [
            column["heading"]
            for column in self.left_out
            if column["because"] == "unsaid"
        ]

    @property
    def unsaid_sheets(self) -> list[str]:
        """Names of the other visible sheets with rows, where nobody said which sheet is meant."""
        if "sheet" in self.choices:
            return []
        hidden = self.reading.get("hidden_sheets", ())
        return [
            sheet
            for sheet in self.reading.get("other_sheets", ())
            if sheet not in hidden
        ]


class PlanBlock(models.Model):
    """A block of planned rows, in the order of the file."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()
    #: Verdict -> how many rows of the block have it; lets a page skip blocks without reading them.
    counts = models.JSONField(default=dict)
    #: Compressed JSON list of rows; see `imports.plan`.
    rows = models.BinaryField()
    #: New contacts of the block by kind of record, in plan form; rows refer to them by number.
    contacts = models.JSONField(default=dict)
    #: What the block has brought, see `imports.contact_ids`; written with its effects.
    created = models.JSONField(default=dict)
    #: What existed like it at the check: kind of record -> ids, see `imports.arrivals`.
    known = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["of", "number"], name="plan_block_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"


class RememberedColumn(models.Model):
    """Which field a person last chose for a heading that is not detected by itself."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    #: As `core.mapping.heading_key` gives it.
    heading = models.CharField(max_length=255)
    #: Empty: left out on purpose.
    path = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["by", "record_kind", "heading"],
                name="column_remembered_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.heading}: {self.path}"
