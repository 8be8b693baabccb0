"""Mail is handed in at a real server; the password goes over TLS or not at all; errors repeat nothing."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.mail import Mailer
from resources.foundation.mail import MailServer as Where
from resources.foundation.settings import Settings
from tests.fixtures.mail_server import MailServer, make_certificate

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

PASSWORD = "grist-and-flour"  # noqa: S105


def test_a_message_arrives(tmp_path: Path) -> None:
    with MailServer() as server:
        mailer = Mailer.from_settings(_settings(tmp_path, f"smtp://127.0.0.1:{server.port}"))
        assert mailer is not None
        _send(mailer, subject="Mühle\r\nBcc: everybody@example.org")
    (message,) = server.received
    assert message["To"] == "mia@mill.example"
    assert message["From"] == "Mill <mill@mill.example>"
    assert message["Subject"] == "Mühle Bcc: everybody@example.org"
    assert message["Bcc"] is None
    assert message["Message-ID"] == "<1@millrace>"
    assert message.get_content().strip() == "All is ground."


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_the_password_is_given_inside_tls(tmp_path: Path, scheme: str) -> None:
    certificate = make_certificate(tmp_path)
    with MailServer(certificate, {"mill": PASSWORD}, has_implicit_tls=scheme == "smtps") as server:
        mailer = _trusting(certificate, scheme, server.port)
        _send(mailer)
    assert len(server.received) == 1
    assert scheme == "smtps" or server.sessions_with_tls == [True]


def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    with MailServer(make_certificate(tmp_path), {"mill": PASSWORD}) as server:
        mailer = Mailer(Where("smtp", "127.0.0.1", server.port, "mill", PASSWORD), sender="mill@mill.example")
        with pytest.raises(Unavailable, match="cannot be trusted"):
            _send(mailer)
    assert server.received == []


def test_no_password_goes_over_the_open_network() -> None:
    """The server is this machine, at an address that stands for another."""
    with MailServer(users={"mill": PASSWORD}, host="127.0.0.2") as server:
        mailer = Mailer(Where("smtp", "127.0.0.2", server.port, "mill", PASSWORD), sender="mill@mill.example")
        with pytest.raises(Misconfigured, match="not sent in the open"):
            _send(mailer)


def test_a_wrong_password_is_told_without_repeating_it(tmp_path: Path) -> None:
    with MailServer(users={"mill": PASSWORD}) as server:
        mailer = Mailer.from_settings(_settings(tmp_path, f"smtp://mill@127.0.0.1:{server.port}", "wrong-flour"))
        assert mailer is not None
        with pytest.raises(Unavailable, match="answered 535: it does not accept the user or the password") as told:
            _send(mailer)
    assert "flour" not in str(told.value)


def test_a_refused_recipient_is_told(tmp_path: Path) -> None:
    with MailServer(refuses="550 mia@mill.example is nobody") as server:
        mailer = Mailer.from_settings(_settings(tmp_path, f"smtp://127.0.0.1:{server.port}"))
        assert mailer is not None
        with pytest.raises(Unavailable, match=r"does not accept the recipient \(550\)"):
            _send(mailer)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        mailer = Mailer.from_settings(_settings(tmp_path, f"smtp://127.0.0.1:{nobody.getsockname()[1]}"))
        assert mailer is not None
        with pytest.raises(Unavailable, match="cannot be reached: Connection refused"):
            _send(mailer)


def test_without_an_address_there_is_no_mail_server(tmp_path: Path) -> None:
    assert Mailer.from_settings(Settings(home=tmp_path)) is None


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://host:port"])
def test_an_address_of_no_mail_server_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="MILLRACE_SMTP_URL"):
        Mailer.from_settings(_settings(tmp_path, url))


def test_the_password_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    settings = Settings.from_environment({"MILLRACE_SMTP_PASSWORD_FILE": str(tmp_path / "password")})
    assert settings.smtp_password == PASSWORD
    assert PASSWORD not in repr(settings)
    with pytest.raises(Misconfigured, match="MILLRACE_SMTP_PASSWORD_FILE"):
        Settings.from_environment({"MILLRACE_SMTP_PASSWORD_FILE": str(tmp_path / "nowhere")})


def _settings(home: Path, url: str, password: str | None = None) -> Settings:
    return Settings(home=home, smtp_url=url, smtp_password=password, mail_from="Mill <mill@mill.example>")


def _trusting(certificate: Path, scheme: str, port: int) -> Mailer:
    where = Where("smtps" if scheme == "smtps" else "smtp", "127.0.0.1", port, "mill", PASSWORD)
    return Mailer(where, sender="mill@mill.example", tls=ssl.create_default_context(cafile=str(certificate)))


def _send(mailer: Mailer, subject: str = "News of the mill") -> None:
    mailer.send(to="mia@mill.example", subject=subject, text="All is ground.", message_id="1@millrace")
