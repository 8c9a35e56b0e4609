"""The shelf: one kind of trouble, one file, named after the kind.

To add one, write ``<kind>.py`` with one `runwise_detect.Detector` whose ``name`` is the kind.
Nothing else has to be edited: the folder is the registry and the contract suite finds it.
"""
