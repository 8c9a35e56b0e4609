"""Ways in which the files of a run come to harm."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

NAMES = (
    "metrics.jsonl", "rank0.jsonl", "rank1.jsonl", "metrics.csv", "progress.csv", "results.csv",
    "results.txt", "hparams.yaml", "metrics.json", "20240101_120000.log.json",
    "vis_data/scalars.json", "trainer_state.json", "checkpoint-500/trainer_state.json",
    "events.out.tfevents.1700000000.host.1.0", "events.out.tfevents.1700000000.host.1.0.v2",
    "run-abc12345.wandb", "wandb/run-20240101_120000-abc12345/run-abc12345.wandb",
    "run-20240101_120000-abc/run-abc.swanlab", "backup.swanlab", "mlflow.db", "project.db",
    "mlruns/0/meta.yaml", "mlruns/0/0123456789abcdef0123456789abcdef/meta.yaml",
    "plots/metrics/loss.tsv", "run.json", "config.json", "config.yaml",
)  # fmt: skip
"""What sources look for: any file may be called so."""
HUGE = 1 << 20

Change = Callable[[bytes, Random], bytes]


def damage(root: Path, rng: Random) -> str:
    """Harm one file below ``root``; return what was done to which."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        return "nothing left"
    path = rng.choice(files)
    if rng.random() < 0.2:
        done = rng.choice(REPLACEMENTS)(path, files, rng)
    else:
        change = rng.choice(CHANGES)
        path.write_bytes(change(path.read_bytes(), rng))
        done = change.__name__.strip("_")
    return f"{done} {path.relative_to(root)}"


def _place(data: bytes, rng: Random) -> int:
    """Return a place: anywhere, or at an edge of something."""
    return rng.choice((rng.randrange(len(data) + 1), 0, len(data), len(data) & ~0x7FFF))


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: _place(data, rng)]


def _behead(data: bytes, rng: Random) -> bytes:
    return data[_place(data, rng) :]


def _flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 64)) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _splice(data: bytes, rng: Random) -> bytes:
    first, second = sorted((_place(data, rng), _place(data, rng)))
    return data[:first] + data[second:]


def _double(data: bytes, rng: Random) -> bytes:
    first, second = sorted((_place(data, rng), _place(data, rng)))
    return data[:second] + data[first:]


def _zero(data: bytes, rng: Random) -> bytes:
    first, second = sorted((_place(data, rng), _place(data, rng)))
    return data[:first] + bytes(second - first) + data[second:]


def _insert(data: bytes, rng: Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.randbytes(rng.choice((1, 3, 100, 5000))) + data[at:]


def _insert_text(data: bytes, rng: Random) -> bytes:
    at = data.find(b"\n", _place(data, rng)) + 1
    return data[:at] + rng.choice(TEXTS) + data[at:]


def _huge_line(data: bytes, rng: Random) -> bytes:
    at = data.find(b"\n", _place(data, rng)) + 1
    return data[:at] + rng.choice((b"x", b"9", b"[", b",", b'{"a":', b"\0")) * HUGE + data[at:]


def _other_digits(data: bytes, rng: Random) -> bytes:
    """Put an odd number where a number stands."""
    places = [at for at in range(len(data)) if data[at : at + 1].isdigit()][:20_000]
    if not places:
        return data
    at = rng.choice(places)
    return data[:at] + rng.choice(NUMBERS) + data[at + 1 :]


def _other_encoding(data: bytes, rng: Random) -> bytes:
    text = data.decode("latin-1")
    return rng.choice(
        (b"\xef\xbb\xbf" + data, text.encode("utf-16"), data.replace(b"\n", b"\r\n"))
    )


TEXTS = (
    b"\n", b"\r", b"{}\n", b"[]\n", b"null\n", b'{"step": 1e999, "loss": NaN}\n',
    b'{"step": {}}\n',
    b'{"loss": {"a": {"b": [1, {"c": 2}]}}}\n', b",,,,\n", b'"unfinished\n', b"step,loss\n",
    b'{"step": -9223372036854775809, "loss": "\\u001b[31m"}\n', b"!!python/object:os.system x\n",
    b"&a [*a, *a]\n", b"--- \n", b"\x1b]0;title\x07\n",
)  # fmt: skip
NUMBERS = (
    b"-", b"1e308", b"1e-400", b"nan", b"-inf", b"9" * 400, b"", b'"', b"0x10", b"\xd9\xa3",
    b"1_0",
)  # fmt: skip
CHANGES: tuple[Change, ...] = (
    _cut, _cut, _behead, _flip, _flip, _splice, _double, _zero, _insert, _insert_text, _huge_line,
    _other_digits, _other_digits, _other_encoding,
)  # fmt: skip


def _empty(path: Path, files: list[Path], rng: Random) -> str:
    del files, rng
    path.write_bytes(b"")
    return "emptied"


def _remove(path: Path, files: list[Path], rng: Random) -> str:
    del files, rng
    path.unlink()
    return "removed"


def _directory(path: Path, files: list[Path], rng: Random) -> str:
    del files, rng
    path.unlink()
    path.mkdir()
    return "a directory for"


def _link(path: Path, files: list[Path], rng: Random) -> str:
    path.unlink()
    target = rng.choice((path.name, "..", str(rng.choice(files)), "/dev/null", "nowhere"))
    path.symlink_to(target)
    return f"a link to {Path(target).name} for"


def _swap(path: Path, files: list[Path], rng: Random) -> str:
    other = rng.choice(files)
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)
    return f"swapped with {other.name}"


def _rename(path: Path, files: list[Path], rng: Random) -> str:
    del files
    name = rng.choice(NAMES)
    target = path.parent / name
    if target.exists() or any(one.is_file() for one in target.parents):
        return "kept"
    target.parent.mkdir(parents=True, exist_ok=True)
    if rng.random() < 0.5:
        shutil.copyfile(path, target)
    else:
        path.rename(target)
    return f"called {name}:"


REPLACEMENTS = (_empty, _remove, _directory, _link, _swap, _rename, _rename, _rename)
