"""``runwise explain``: what findings mean."""

from __future__ import annotations

import pytest

from runwise import reports
from runwise.errors import NoSuchKind
from runwise_detect import known_detectors
from runwise_format import render


def test_every_kind_has_a_line_in_the_list_and_a_page_of_its_own():
    listed = render(reports.kinds(), "compact")
    for kind in known_detectors():
        assert f"{kind}," in listed
        page = render(reports.explain(kind), "compact")
        assert page.startswith(f"{kind}: ")
        assert ">>>" not in page
        assert ("setting,default,is" in page) == (kind != "non_finite")


def test_a_kind_nobody_knows_is_answered_with_the_nearest():
    with pytest.raises(NoSuchKind, match="loss_spike"):
        reports.explain("los_spike")
