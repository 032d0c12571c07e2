"""P10: one letter on screen and a batch of a hundred, against the bare compiler on a letter of the same size.

The floors are those of the budgets, `letter_typst` and `letter_typst_batch100`: a warm compiler, plain data, no logo,
no tagged PDF, nothing checked and nothing kept.
"""

import json
import resource
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from letters import content
from letters.merge_fields import sample_context
from letters.render.letterhead import Letterhead

from .measure import Case

BATCH = 100
ROWS = [
    ["Principal", "1,000.00"], ["Interest", "143.20"], ["Late fee March", "15.00"], ["Late fee April", "15.00"],
    ["Court costs", "85.00"], ["Payment August", "-50.00"], ["Payment September", "-50.00"],
    ["Balance due", "1,158.20"],
]  # fmt: skip
_LETTER = """
#set page(paper: "us-letter", margin: 22mm)
#set text(size: 10.5pt)
#let letter(d) = [
  *Example Recoveries*
  #v(8mm)
  #d.name \\
  #d.number High Street \\
  Springfield
  #v(6mm)
  == Demand for payment
  #lorem(48)

  #lorem(60)

  #lorem(46)

  #table(columns: (1fr, auto), align: (left, right), ..d.rows.flatten())
  #v(10mm)
  #line(length: 100%, stroke: .4pt)
  #text(size: 8pt)[Example Recoveries, license 12345]
]
#for (n, d) in json(bytes(sys.inputs.d)).enumerate() { if n > 0 { pagebreak() }; letter(d) }
"""


def sample() -> dict[str, Any]:
    """The shipped promise reminder with the sample person of the editor: the arguments of letters.render.render."""
    one = next(
        t
        for t in content.templates()
        if t.slug == "promise_reminder" and t.channel.upper() == "POST" and t.lang == "en"
    )
    return {
        "channel": "post",
        "subject": one.subject,
        "body": one.body,
        "context": sample_context("en"),
        "lang": "en",
        "letterhead": Letterhead(name="Larkfield Recovery", address="400 Mill Street, Evanston, IL 60201"),
        "timestamp": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }


def _bare(count: int) -> Callable[[], int]:
    """So many letters in one document of the bare compiler."""
    import typst

    source = Path(tempfile.mkdtemp(prefix="bench-letter-")) / "floor.typ"
    source.write_text(_LETTER, encoding="utf-8")
    compiler = typst.Compiler(str(source))

    def floor() -> int:
        data = [{"name": f"Sample {uuid4().hex[:12]}", "number": str(n), "rows": ROWS} for n in range(count)]
        compiler.compile(format="pdf", sys_inputs={"d": json.dumps(data)})
        return count

    return floor


def _somebody(letter: dict[str, Any]) -> dict[str, Any]:
    person = {**letter["context"]["person"], "name": f"Sample Person {uuid4().hex[:12]}"}
    return {**letter["context"], "person": person}


def _memory() -> dict[str, Any]:
    return {"peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def on_screen() -> Case:
    """P10: one letter, per CPU second."""
    from letters import render

    letter = sample()

    def product() -> int:
        render.render(**{**letter, "context": _somebody(letter)})
        return 1

    product()
    return Case(
        "P10",
        "render a letter (CPU of the bare compiler / ours: at most 1 / 0.6)",
        "CPU ms",
        1 / 0.6,
        _bare(1),
        product,
    )


def in_batch() -> Case:
    """P10b: a hundred letters in one print file, per CPU second; the memory of the process at the end."""
    from letters import render

    letter = sample()

    def product() -> int:
        letters = [
            render.PostLetter(
                key=str(n), subject=letter["subject"], body=letter["body"], context=_somebody(letter), lang="en"
            )
            for n in range(BATCH)
        ]
        made = render.render_batch(letters=letters, letterhead=letter["letterhead"], timestamp=letter["timestamp"])
        return len(made.letters)

    product()
    what = "letters in batches of 100 (CPU of the bare compiler / ours: at most 1 / 0.6)"
    return Case("P10b", what, "CPU ms", 1 / 0.6, _bare(BATCH), product, _memory())


CASES: dict[str, Callable[[], Case]] = {"P10": on_screen, "P10b": in_batch}
