"""Runs that lie where only ``fsspec`` reaches: in object stores, and on web servers.

What is needed of a tree is copied into one that lies here, and that is read like any other:

    <keep>/paths/<store>-<mark>/
      tree/...      whole files only, under the names they have there
      ends/...      head and tail of files that are large, to describe them
      parts/...     large files that are being fetched
      marks/...     what was fetched of which version

A file that grew costs its new bytes, one that did not costs nothing.
"""
