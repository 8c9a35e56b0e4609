"""What MLflow keeps of a run, in a database or in a folder of small files.

Every metric has points of its own: a value, a step and a clock in milliseconds. They are held in
the order in which they were logged, which is that of the rows of a table, or that of the clocks
where each metric is a file. A fall of one metric's step opens a segment for all of them.
"""
