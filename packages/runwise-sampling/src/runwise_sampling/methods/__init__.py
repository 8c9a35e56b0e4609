"""Ways to choose a few points of a curve: one file each, this folder is their registry.

A method is a file with one function, and its name is the file's (``-`` written as ``_``):

    def pick(curve: Curve, count: int) -> list[int]

It returns at most ``count`` rising positions of points that tell the curve's shape, where
2 <= ``count`` < ``len(curve)``. It need not care for first, last, extremes or non-finite
points, nor return exactly ``count``: ``downsample`` puts in what must not be lost, in place
of the least useful, and fills up. ``runwise_sampling.testing`` checks a method.

A method that makes points of its own, like ``mean``, has ``points(curve, count)`` instead: it
returns exactly ``count`` steps and values, and nothing is put in.
"""
