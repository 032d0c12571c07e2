"""Fixed-width files: where the columns lie, when nobody has said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from accounts.placement_columns import Slice, field_of

ENOUGH_LINES = 3


def guess_slices(head: Sequence[str]) -> tuple[Slice, ...]:
    """Columns between the gaps that all first lines share, named by the first line; none when it names none."""
    lines = [line.rstrip("\r\n") for line in head if line.strip()]
    if len(lines) < ENOUGH_LINES:
        return ()
    width = max(len(line) for line in lines)
    filled = [any(line[at : at + 1].strip() for line in lines) for at in range(min(width, 4_000))]
    spans: list[tuple[int, int]] = []
    for is_filled, run in groupby(range(len(filled)), key=filled.__getitem__):
        places = list(run)
        if not is_filled:
            continue
        start, end = places[0], places[-1] + 1
        if spans and not any(line[start:end].strip() for line in lines[1:]):
            spans[-1] = (spans[-1][0], end)  # the second word of a header over one column
        else:
            spans.append((start, end))
    slices = _named(lines[0], spans, width)
    return slices if sum(1 for part in slices if field_of(part.header)) >= 2 else ()


def _named(header: str, spans: Sequence[tuple[int, int]], width: int) -> tuple[Slice, ...]:
    """Each column up to the next one, so that a longer value further down is not cut."""
    ends = [start for start, _ in spans[1:]] + [width + 200]
    names = [" ".join(header[start:end].split()) for start, end in spans]
    return tuple(
        Slice(name or f"Column {at}", start, end)
        for at, (name, (start, _), end) in enumerate(zip(names, spans, ends, strict=True), start=1)
    )
