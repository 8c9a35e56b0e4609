"""Detectron2: what its output directory holds beside the metrics."""
