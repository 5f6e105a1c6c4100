"""Adding the stages, options, labels and currencies of a file, with the importer's rights."""

from turnus.accounts.actions import add_currency
from turnus.accounts.models import Currency, User
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.actions import add_option, save_label
from turnus.fields.models import CustomField, Label
from turnus.sales.actions_pipelines import save_stage
from turnus.sales.models import Stage


class ChoiceAdder:
    """The words that one import adds; one that somebody else added meanwhile is taken instead."""

    def __init__(self, by: User, kind: RecordKind) -> None:
        self.by = by
        self.kind = kind
        #: What was added, [kind, word] each: undo leaves it, for other records may hold it by then.
        self.added: list[list[str]] = []

    def add(self, path: str, word: str) -> int:
        """Return the id of the word in the field at `path`. UserError without the right to it."""
        link, _, rest = path.partition(".")
        if path == "stage":
            return self._stage(word)
        if path == "labels":
            return self._label(self.kind, word)
        if rest == "labels":
            return self._label(RecordKind(link), word)
        _before, _dot, key = path.rpartition(".")
        return self._option(key, word)

    def add_currency(self, code: str) -> None:
        """Let deals be in a further currency."""
        if Currency.objects.filter(code=code.upper(), is_active=True).exists():
            return
        add_currency(by=self.by, code=code)
        self.added.append(["currency", code.upper()])

    def _stage(self, word: str) -> int:
        """Return the stage at the end of the first pipeline, as likely as the one before it."""
        stages = Stage.objects.order_by(
            "pipeline__position", "pipeline_id", "position", "pk"
        )
        first_pipeline = stages[0].pipeline_id
        own = list(
            stages.filter(pipeline=first_pipeline).select_related("pipeline")
        )
        for stage in own:
            if fold(stage.name) == fold(word):
                return stage.pk
        last = own[-1]
        self.added.append(["stage", word])
        new = save_stage(
            by=self.by,
            pipeline=last.pipeline,
            name=word,
            probability=last.probability,
        )
        return new.pk

    def _label(self, kind: RecordKind, word: str) -> int:
        for label in Label.objects.filter(record_kind=str(kind)):
            if fold(label.name) == fold(word):
                return label.pk
        self.added.append(["label", word])
        return save_label(
            by=self.by, record=kind, name=word, color=Label.Color.GREY
        ).pk

    def _option(self, key: str, word: str) -> int:
        field = CustomField.objects.get(key=key)
        for option in field.options.all():
            if fold(option.name) == fold(word):
                return option.pk
        self.added.append(["option", f"{field.name}: {word}"])
        return add_option(field=field, by=self.by, name=word).pk
