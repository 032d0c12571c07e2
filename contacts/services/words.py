"""The firm's approved words for a person in distress: kept as versions, the newest counts."""

from datetime import datetime

from django.db import transaction

from contacts import help_words
from contacts.help_words import Help, HelpWordsError
from contacts.models import HelpWords
from core import audit, formats
from users.models import User

__all__ = ["HelpWordsError", "help_in", "save_help_words"]


@transaction.atomic
def save_help_words(*, language: str, say: str, lines: str, by: User, at: datetime) -> HelpWords:
    """Approve what is said and who can help, in one language, from now on. Raises HelpWordsError."""
    if not say.strip():
        raise HelpWordsError("Write what the officer says.")
    help_words.parse(lines)
    made = HelpWords.objects.create(language=language, say=say.strip(), lines=lines.strip(), made_by=by, made_at=at)
    audit.record("help_words.approved", actor=by, subject=made, data={"language": language}, at=at)
    return made


def help_in(language: str) -> Help:
    """The words in use in the person's language; English when we have none in it."""
    default = help_words.built_in(language)
    row = (
        HelpWords.objects.filter(language=default.language)
        .select_related("made_by")
        .order_by("-made_at", "-pk")
        .first()
    )
    if row is None:
        return default
    approved = f"Approved by {row.made_by}, {formats.day(row.made_at.date(), row.made_at.date())}"
    return Help(row.language, row.say, help_words.parse(row.lines), approved)
