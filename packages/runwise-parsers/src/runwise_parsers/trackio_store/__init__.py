"""What Trackio keeps of the runs of one project: rows of JSON in a database."""
