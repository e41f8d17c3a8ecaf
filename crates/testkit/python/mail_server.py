"""A mail server for tests: aiosmtpd, which knows the protocol and nothing of the hub, over TLS with certificates made here.

Writes the certificate of the authority to a file, prints one line of JSON with its port, then one for each e-mail it takes.
It ends when its standard input does.
"""

import argparse
import asyncio
import json
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


def say(**fields):
    print(json.dumps(fields), flush=True)


class Taking:
    async def handle_DATA(self, server, session, envelope):
        say(
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            content=envelope.content.decode("utf-8", "replace"),
            encrypted=session.ssl is not None or server.transport.get_extra_info("cipher") is not None,
            user=(session.auth_data or b"").decode() if session.authenticated else None,
        )
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"hub" and data.password == b"secret"
    return AuthResult(success=good, handled=good, auth_data=data.login if good else None)


async def serve(options):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(options.authority)
    certificate = authority.issue_cert(options.name)
    if options.expired:
        from datetime import datetime, timezone

        past = datetime(2020, 1, 1, tzinfo=timezone.utc)
        certificate = authority.issue_cert(options.name, not_before=past, not_after=past.replace(year=2021))
    encryption = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(encryption)
    by_command = options.encryption == "starttls"

    def protocol():
        return SMTP(
            Taking(),
            hostname="mail.test",
            tls_context=encryption if by_command else None,
            require_starttls=by_command,
            auth_required=options.login,
            # A connection that was encrypted from its beginning is not known as such here.
            auth_require_tls=by_command,
            authenticator=authenticate,
        )

    at_once = encryption if options.encryption == "at-once" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=at_once)
    say(port=server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


parser = argparse.ArgumentParser()
parser.add_argument("--encryption", choices=["starttls", "at-once", "never"], required=True)
parser.add_argument("--authority", required=True, help="where the authority's certificate is written")
parser.add_argument("--name", default="localhost", help="whom the certificate is for")
parser.add_argument("--expired", action="store_true", help="the certificate's time is over")
parser.add_argument("--login", action="store_true", help="only who logs in as hub, secret, may send")
asyncio.run(serve(parser.parse_args()))
