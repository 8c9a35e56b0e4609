"""Read what training runs leave on disk: W&B logs, JSONL and more, without the tracker."""
