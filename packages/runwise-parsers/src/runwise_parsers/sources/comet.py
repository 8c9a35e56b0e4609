"""Comet's offline experiments: one archive each, written when it ends.

    <key>.zip := experiment.json messages.json assets        the key is 32 to 50 letters and digits

See ``comet_log/place`` for what is there before the end, ``comet_log/messages`` for the lines.
An experiment that was resumed has another archive, ``<key>-<word>.zip``: the run's next segment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_MESSAGES = "messages.json"
_ZIP = ".zip"


class Comet(Source):
    """Archives of ``OfflineExperiment``, and the messages of one that goes on or was killed.

    What reads them is imported where there are some: it takes 15 ms.
    """

    name = "comet"
    order = 36
    looks_for = r"[0-9A-Za-z]{32,50}(?:-[0-9A-Za-z]+)?\.zip|messages\.json"
    reads = "offline archives of Comet: <key>.zip"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take archives that hold messages, and messages that lie by themselves."""
        from runwise_parsers.comet_log.place import (  # noqa: PLC0415  see above
            is_archive,
            is_messages,
            key_of,
        )

        for name in sorted(folder.files):
            path = folder.path / name
            if name.lower().endswith(_ZIP) and is_archive(path, asked=folder.asked):
                yield Claim(self.name, key_of(path), folder.path, (folder.take(name),))
        name = _MESSAGES
        if name in folder.files and is_messages(folder.path / name):
            place = folder.path
            yield Claim(self.name, place.name, place.parent, (folder.take(name),), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what both ends of the messages say, and what is told of the experiment."""
        from runwise_parsers.comet_log.describe import described  # noqa: PLC0415  see above

        return described(self.name, claim.paths)

    def open(self, info: RunInfo) -> Run:
        """Return the run in an archive."""
        from runwise_parsers.comet_log.run import CometRun  # noqa: PLC0415  see above

        return CometRun(info)
