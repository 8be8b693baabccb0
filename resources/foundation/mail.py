"""Send mail through the operator's server (SMTP). Errors tell the server's status, never its words, which may echo."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal
from urllib.parse import unquote, urlsplit

from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.settings import Settings

TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `smtps` speaks TLS from the first byte, `smtp` as soon as the server offers it."""

    scheme: Literal["smtp", "smtps"]
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Mailer:
    """Hands mail in at a server. `tls` None: what this machine trusts."""

    def __init__(self, server: MailServer, *, sender: str, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._tls = tls

    @classmethod
    def from_settings(cls, settings: Settings) -> Mailer | None:
        """The operator's server; None where none is set. Raises Misconfigured."""
        if settings.smtp_url is None:
            return None
        server = _server(settings.smtp_url, settings.smtp_password)
        return cls(server, sender=settings.mail_from or f"Millrace <{server.user or 'millrace@' + server.host}>")

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Hand one message in. Raises Unavailable; Misconfigured where a password would go over the open network."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, _one_line(to)
        message["Subject"], message["Message-ID"] = _one_line(subject), f"<{message_id}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers
        message.set_content(text)
        where = f"the mail server {self._server.host}:{self._server.port}"
        try:
            with self._opened() as smtp:
                self._introduce(smtp)
                smtp.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise Unavailable(
                f"{where} answered {error.smtp_code}: {_MEANINGS.get(type(error), 'it refused')}"
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise Unavailable(f"{where} does not accept the recipient ({codes[0]})") from None
        except smtplib.SMTPException as error:
            raise Unavailable(f"{where} does not do what is needed ({type(error).__name__})") from None
        except ssl.SSLError as error:
            raise Unavailable(f"{where} cannot be trusted: {error.reason or 'TLS failed'}") from None
        except OSError as error:
            raise Unavailable(f"{where} cannot be reached: {error.strerror or 'no answer in time'}") from None

    def _opened(self) -> smtplib.SMTP:
        if self._server.scheme == "smtps":
            context = self._tls or ssl.create_default_context()
            return smtplib.SMTP_SSL(self._server.host, self._server.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self._server.host, self._server.port, timeout=TIMEOUT_SECONDS)

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo()
        is_secret = self._server.scheme == "smtps" or self._server.host in _HERE
        if self._server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=self._tls or ssl.create_default_context())
            smtp.ehlo()
            is_secret = True
        if self._server.user is None or self._server.password is None:
            return
        if not is_secret:
            raise Misconfigured(
                f"the mail server {self._server.host} offers no TLS, and the password is not sent in the open: "
                "use smtps:// in MILLRACE_SMTP_URL, or a server with STARTTLS"
            )
        smtp.login(self._server.user, self._server.password)


_MEANINGS: dict[type[smtplib.SMTPResponseException], str] = {
    smtplib.SMTPAuthenticationError: "it does not accept the user or the password",
    smtplib.SMTPSenderRefused: "it does not accept the sender (MILLRACE_MAIL_FROM)",
    smtplib.SMTPDataError: "it does not accept the message",
    smtplib.SMTPConnectError: "it does not serve now",
    smtplib.SMTPHeloError: "it does not talk to this machine",
}


def _server(url: str, password: str | None) -> MailServer:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise Misconfigured("MILLRACE_SMTP_URL is no address of a mail server: write smtp://user@host:587")
    return MailServer(
        "smtps" if parts.scheme == "smtps" else "smtp", parts.hostname, port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else password,
    )  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
