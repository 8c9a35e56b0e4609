"""The clients: a file each, with one ``client``; the folder's listing is the registry."""
