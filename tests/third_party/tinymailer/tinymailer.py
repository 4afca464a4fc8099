"""A mailer that tries again when it is told to, and says why when it may not."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage


class RefusedError(Exception):
    """The server does not want the mail, now or ever."""


class Mailer:
    """Sends through one smart host."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        context: ssl.SSLContext | None = None,
        source: str | None = None,
        attempts: int = 3,
    ) -> None:
        self.host = host
        self.port = port
        self.context = context
        self.source = source
        self.attempts = attempts

    def send(self, sender: str, recipient: str, subject: str, text: str) -> None:
        """Send one mail. Raises RefusedError."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, recipient, subject
        message.set_content(text)
        for attempt in range(1, self.attempts + 1):
            code, reply = self._attempt(sender, recipient, message)
            if code < 400:
                return
            if code >= 500 or attempt == self.attempts:
                raise RefusedError(f"{code} {reply}")

    def _attempt(self, sender: str, recipient: str, message: EmailMessage) -> tuple[int, str]:
        source = (self.source, 0) if self.source else None
        with smtplib.SMTP(self.host, self.port, source_address=source, timeout=30) as client:
            if self.context is not None:
                client.starttls(context=self.context)
            try:
                client.send_message(message, sender, [recipient])
            except smtplib.SMTPRecipientsRefused as refused:
                code, reply = refused.recipients[recipient]
                return code, reply.decode()
            except smtplib.SMTPResponseException as refused:
                return refused.smtp_code, str(refused.smtp_error)
        return 250, ""
