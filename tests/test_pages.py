"""Pages in a real browser with scripts on: charts come alive, and nothing hostile does."""

from __future__ import annotations

import math
import re
import shutil
import subprocess

import pytest

from runwise_format import Document, Fields, Findings, Notes, Table, render
from runwise_format.document import Chart, Column, Diff, Line, Problem, Tree

pytestmark = pytest.mark.trackers

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
HARM = "document.documentElement.setAttribute('data-harmed','yes')"
HOSTILE = [
    f"<script>{HARM}</script>",
    f"</script><script>{HARM}</script>",
    f"<img src=x onerror={HARM}>",
    f'"><svg onload="{HARM}">',
    f"' onmouseover='{HARM}",
    f"javascript:{HARM}",
    f"</title></svg></style><script>{HARM}</script>",
    f"<!--<script>{HARM}//",
    "\u2028\u2029</script>",
    "=cmd()",
    "a|b`c`",
    "\u202egnirts",
    "x" * 10_000,
]
CONTROL = f"<!doctype html><p>page</p><script>{HARM}</script>"


@pytest.fixture
def dumped(tmp_path):
    """Return the DOM of a page after its scripts ran."""
    if BROWSER is None:
        pytest.skip("needs chromium: apt-get install chromium")

    def dump(text):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        profile = tmp_path / "profile"
        done = subprocess.run(
            [
                BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                "--virtual-time-budget=3000", f"--user-data-dir={profile}", path.as_uri(),
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return done.stdout

    return dump


@pytest.fixture
def hostile():
    lines = [Line(name, range(4), [1.0, 2.0, math.nan, 3.0]) for name in HOSTILE]
    texts = dict.fromkeys(HOSTILE, HOSTILE[0])
    blocks = [
        Chart("chart", lines, title=HOSTILE[1], x_label=HOSTILE[2], y_label=HOSTILE[3], note=HARM),
        Findings("findings", [Problem("critical", n, n, 3, n, n) for n in HOSTILE]),
        Table("table", [Column(n) for n in HOSTILE], [HOSTILE], title=HOSTILE[1], note=HOSTILE[2]),
        Fields("fields", texts, labels=dict(zip(HOSTILE, HOSTILE, strict=True))),
        Tree("tree", {"branch": texts}),
        Diff("diff", HOSTILE[:2], [(name, [name, name]) for name in HOSTILE]),
        Notes("notes", HOSTILE),
    ]
    return Document(HOSTILE[0], HOSTILE[1], HOSTILE[2], blocks, HOSTILE[3], HOSTILE)


def scripted(text, script):
    """Return a page that lets a test's script run after ours."""
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    return open_page.replace("</body>", f"<script>{script}</script></body>")


def test_the_browser_would_show_harm(dumped):
    assert "data-harmed" in dumped(CONTROL)


def test_nothing_hostile_runs(dumped, hostile):
    found = dumped(render(hostile, "html"))
    assert 'data-live="yes"' in found
    assert 'data-harmed="yes"' not in found
    assert "<img" not in found
    assert "&lt;script&gt;" in found


def test_nothing_hostile_runs_even_without_the_policy_and_when_pointed_at(dumped, hostile):
    point = (
        "document.querySelectorAll('*').forEach(function (one) {"
        "  ['mouseover', 'focus', 'load', 'error'].forEach(function (kind) {"
        "    one.dispatchEvent(new Event(kind)); }); });"
        "var svg = document.querySelector('figure > svg'), box = svg.getBoundingClientRect();"
        "svg.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2}));"
    )
    found = dumped(scripted(render(hostile, "html"), point))
    assert 'data-harmed="yes"' not in found
    assert "&lt;script&gt;" in found[found.index('class="tip"') :]


def test_the_policy_stops_a_script_that_is_not_ours(dumped):
    text = render(Document("x", "t", "v", [Chart("c", [Line("a", [0, 1], [1.0, 2.0])])]), "html")
    smuggled = text.replace("</main>", f"<script>{HARM}</script></main>")
    found = dumped(smuggled)
    assert 'data-harmed="yes"' not in found
    assert 'data-live="yes"' in found


def test_a_chart_answers_pointer_buttons_and_keys(dumped):
    loss = Line("loss", range(100), [2.0 / (1 + step) for step in range(100)])
    rate = Line("rate", range(0, 100, 10), [0.1] * 10)
    text = render(Document("plot", "t", "v", [Chart("c", [loss, rate])]), "html")
    script = """
    var said = [], figure = document.querySelector('figure'), svg = figure.querySelector('svg');
    function ticks() {
      return Array.from(svg.querySelectorAll('.grid text')).map(function (one) {
        return one.textContent; }).join(' ');
    }
    function press(text) {
      Array.from(figure.querySelectorAll('button')).find(function (one) {
        return one.textContent === text; }).click();
    }
    var box = svg.getBoundingClientRect();
    said.push('whole ' + ticks());
    svg.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width * 0.5}));
    said.push('tip ' + figure.querySelector('.tip').textContent);
    press('loss');
    said.push('hidden [' + svg.querySelectorAll('.curve')[0].getAttribute('d') + ']');
    press('loss');
    press('+');
    said.push('zoomed ' + ticks());
    svg.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}));
    said.push('panned ' + ticks());
    press('all');
    press('log');
    said.push('log ' + ticks());
    document.body.setAttribute('data-said', said.join('; '));
    """
    found = re.search(r'data-said="([^"]*)"', dumped(scripted(text, script)))
    assert found is not None
    said = dict(part.split(" ", 1) for part in found[1].split("; "))
    assert said["whole"].endswith(" 0 20 40 60 80")
    assert re.match(r"step 4\d0\.04\d+ loss0\.1 \(at [45]0\) rate", said["tip"])
    assert said["hidden"] == "[]"
    assert said["zoomed"].endswith("20 30 40 50 60 70")
    assert said["panned"].endswith("10 20 30 40 50 60")
    assert said["log"].startswith("0.02 0.05 0.1 0.2 0.5 1 2 ")
