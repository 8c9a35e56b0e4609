"""The shelf of outputs: one file per output, found by listing this folder.

To add one, add a file with ``name: str`` (equal to the file's name) and
``render(document, style) -> str``, and the suite in `runwise_format.testing` will try it.
"""
