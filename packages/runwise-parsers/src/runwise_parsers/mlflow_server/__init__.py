"""An MLflow tracking server, asked over REST; the library ``mlflow`` is not needed for it.

A server hands out the points of one metric at a time, in pages. They are kept as rows of a mirror
(see ``mirror_log``), which reads the same as the server's own database (see ``mlflow_store``).
"""
