"""ultralytics, YOLOv5 and YOLOv7: columns below a heading.

          Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
           1/100      2.5G     0.8123     1.2345     1.1234         20        640: 100%|███|
                     Class     Images  Instances      Box(P          R      mAP50  mAP50-95)
                       all        128        929      0.641      0.537      0.605      0.446

The names come from the heading; without one, they are those of YOLOv7.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING = re.compile(r"^\s*Epoch\s+(?:GPU_mem|gpu_mem)\s+(.*\S)\s*$")
_V7 = ("box", "obj", "cls", "total", "labels", "img_size")
_SCORES = ("P", "R", "mAP50", "mAP50-95")


def _forms(names: Sequence[str]) -> tuple[Form, ...]:
    """Return the forms of lines with these columns."""
    columns = [f"c{place}" for place in range(len(names))]
    cells = "".join(rf"\s+(?P<{column}>{NUMBER})" for column in columns)
    memory = rf"(?P<gpu_mem>{NUMBER})[GM]?B?"
    line = re.compile(rf"^\s*(?P<epoch>\d+)/(?P<epochs>\d+)\s+{memory}{cells}(?=:|\s|$)")
    scores = "".join(rf"\s+(?P<s{place}>{NUMBER})" for place in range(4))
    whole = re.compile(rf"^\s*all\s+\d+\s+\d+{scores}\s*$")
    kept = {
        column: "" if name.lower() in ("size", "img_size") else f"train/{name}"
        for column, name in zip(columns, names, strict=True)
    }
    told = {f"s{place}": f"metrics/{name}" for place, name in enumerate(_SCORES)}
    return Form(line, names=kept), Form(whole, names=told, keeps_place=True)


def _adapted(template: Template, lines: Sequence[str]) -> Template:
    """Return the template with the names of a log's own heading."""
    for text in lines:
        match = _HEADING.match(text)
        if match is not None:
            return replace(template, forms=_forms(match.group(1).split()[:12]))
    return template


TEMPLATE = Template("yolo", _forms(_V7), adapted=_adapted)
