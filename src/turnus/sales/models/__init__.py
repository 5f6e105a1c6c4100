"""Tables of the package: pipelines with stages, lost reasons, deals."""

from turnus.sales.models.deals import Deal
from turnus.sales.models.pipelines import LostReason, Pipeline, Stage

__all__ = ["Deal", "LostReason", "Pipeline", "Stage"]
