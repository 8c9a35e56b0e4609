"""Say what a training run did in as few tokens as possible.

>>> from runwise_format import Column, Document, Table, Trend, render
>>> table = Table(
...     key="metrics",
...     columns=[Column("name"), Column("last"), Column("trend", role="trend")],
...     rows=[["train/loss", 0.34812, Trend((2.3, 1.1, 0.6, 0.4, 0.348))]],
... )
>>> print(render(Document("summary", "run a1", "finished at step 5000", [table])))
finished at step 5000
name,last,trend
train/loss,.348,93100

A document holds raw numbers; an output decides how they look. No dependencies. Adding an
output is adding one file to ``outputs/``. More lives in `runwise_format.document` (``Tree``,
``Diff``, ``Problem``), ``cells`` (``At``), ``tokens`` (``count_tokens``), ``fit``, ``style``
and ``render`` (``known_outputs``).
"""

from runwise_format.cells import Trend
from runwise_format.document import Column, Document, Fields, Findings, Notes, Table
from runwise_format.render import render

__all__ = ["Column", "Document", "Fields", "Findings", "Notes", "Table", "Trend", "render"]
