"""Ways in which loops print their numbers: one file each, the folder is the registry."""
