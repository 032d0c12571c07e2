"""A mail server that takes everything: each message becomes its bytes, as for a real one, and goes nowhere."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    """Not one of the fakes that keep copies for the demo's pages: those write two files for each e-mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            message.message().as_bytes()
        return len(email_messages)
