"""The Python API of runwise 0.5, as a thin face over ``Workspace`` and ``reports``.

What returned text returns the text of our report; what returned runs, rows or dicts returns
those. New code asks ``runwise.reports``, whose documents hold numbers.
"""
