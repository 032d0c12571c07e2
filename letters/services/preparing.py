"""From an allowed message to bytes, kept before they are handed to a channel and until their fate is known."""

from collections.abc import Sequence
from typing import Any

from accounts import documents
from core import clock
from letters import facts, points, render
from letters.channels import Recipient
from letters.models import Message
from letters.render import Rendered

from .judging import Ready
from .leasing import Watch


def rendered(ready: Ready, watch: Watch) -> Rendered:
    """The message in its words now. Raises RenderError, or NoticeIncomplete for a notice that lacks something."""
    message, book = ready.message, ready.book
    account, debtor = book.accounts[message.account_id], book.debtors[message.debtor_id]
    head = facts.letterhead(book.firm, book.licences.get(debtor.state, []))
    context = facts.context(message, book, ready.point, ready.version)
    if message.kind == "validation_notice":
        today = clock.today(book.zone, book.at)
        return render.render_notice(
            notice=facts.notice(account, debtor, ready.point, book, today),
            reverse=ready.body,
            context=context,
            lang=ready.lang,
            letterhead=head,
            timestamp=watch.now.replace(microsecond=0),
        )
    return render.render(
        channel=message.channel,
        subject=ready.version.subject,
        body=ready.body,
        context=context,
        lang=ready.lang,
        letterhead=head,
        timestamp=watch.now.replace(microsecond=0),
    )


def keep(made: Sequence[tuple[Ready, Rendered]], watch: Watch) -> list[Message]:
    """Put the bytes under their hashes, and what is needed to send them again on the (unsaved) rows."""
    contents = [content_of(rendered) for _, rendered in made]
    digests = documents.put_many(contents)
    return [
        _kept(ready, rendered, digest, len(content), watch)
        for (ready, rendered), digest, content in zip(made, digests, contents, strict=True)
    ]


def _kept(ready: Ready, made: Rendered, digest: str, size: int, watch: Watch) -> Message:
    message = ready.message
    debtor = ready.book.debtors[message.debtor_id]
    goes_to = points.recipient(ready.point, debtor.name)
    message.prepared = {
        "sha256": digest,
        "size": size,
        "subject": made.subject,
        "text": made.text if message.channel == "email" else "",
        "pages": made.pages,
        "segments": made.segments,
        "at": watch.now.isoformat(),
        "to": {
            "name": goes_to.name,
            "address_lines": list(goes_to.address_lines),
            "email": goes_to.email,
            "phone": goes_to.phone,
        },
    }
    message.version = ready.version
    message.contact_point = ready.point
    message.sent_to = points.shown(ready.point)
    return message


def content_of(made: Rendered) -> bytes:
    """The bytes as sent: the PDF, the HTML, or the text."""
    return made.pdf if made.pdf is not None else (made.html or made.text).encode()


def to(message: Message) -> Recipient:
    """Where a prepared message goes."""
    kept: dict[str, Any] = message.prepared or {}
    return Recipient(**{**kept["to"], "address_lines": tuple(kept["to"]["address_lines"])})


def again(message: Message) -> tuple[Recipient, Rendered]:
    """The very bytes of the try before, and where they went. Raises OSError when they are gone."""
    kept: dict[str, Any] = message.prepared or {}
    content = documents.path_of(kept["sha256"]).read_bytes()
    pdf = content if message.channel == "post" else None
    text = kept["text"] or ("" if pdf else content.decode())
    html = content.decode() if message.channel == "email" else ""
    return to(message), Rendered(kept["subject"], text, html, pdf, kept["sha256"], kept["pages"], kept["segments"])
