r"""TensorBoard's event files: TensorFlow 1 and 2, PyTorch, tensorboardX, Lightning, SB3.

    run/
      events.out.tfevents.<unix>.<host>[.<pid>.<n>][.v2]     see tensorboard_log/framing, events
      <sub-directory>/events...                              see tensorboard_log/writers

A directory with event files is a run; several files in it are several launches of one training
(tensorboard_log/launches). Each tag has steps of its own. Real files are cut inside a record
while they are written and when the writer is killed, are git-LFS pointers, or hold graphs and
images alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source
from runwise_parsers.tensorboard_log.writers import event_files, writers_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run


class Tensorboard(Source):
    """Event files, of whichever writer.

    What reads them is imported where there are some: it takes 15 ms, and names decide here.
    """

    name = "tensorboard"
    order = 40
    looks_for = r"(?:.*\.)?tfevents(?:\..*)?|(?i:train(?:ing)?)/"
    reads = "events.out.tfevents.*"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the event files of a directory, and the sub-directories of the same training."""
        if folder.asked:
            from runwise_parsers.tensorboard_log.peek import looks_like_events  # noqa: PLC0415  see above

            for name in sorted(folder.files):
                if event_files([name]) or looks_like_events(folder.path / name):
                    path = folder.take(name)
                    yield Claim(self.name, name, folder.path, (path,))
            return
        writers = writers_in(folder.path, folder.files, folder.folders)
        for writer in writers:
            for name in [writer.below.partition("/")[0]] if writer.below else writer.files:
                folder.take(name)
        if writers:
            path = folder.path
            yield Claim(self.name, path.name, path.parent, (path,), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the ends of the files say; only a session of "hparams" says it ended."""
        from runwise_parsers.tensorboard_log.describe import described  # noqa: PLC0415  see above

        return described(claim.paths[0])

    def open(self, info: RunInfo) -> Run:
        """Return the run in a directory, or in one file."""
        from runwise_parsers.tensorboard_log.run import TensorboardRun  # noqa: PLC0415  see above

        return TensorboardRun(info)
