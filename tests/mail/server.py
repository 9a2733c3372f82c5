"""A mail server for the tests: aiosmtpd speaks SMTP, and the recipient's name says what goes wrong.

Usage: server.py MAILDIR [--certificate FILE --key FILE --tls implicit|starttls] [--user NAME --password WORD]
It prints its port on the first line and runs until it is killed.
"""

import argparse
import asyncio
import ssl

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Handler(Mailbox):
    """Keeps every letter in a maildir unless the recipient's name asks for trouble."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return f"550 5.1.1 There is no {address} here"
        if address.startswith("greylisted@"):
            return f"451 4.7.1 Try {address} again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "silent":
            await asyncio.sleep(3600)
        if name == "slammed":
            server.transport.abort()
            await asyncio.sleep(3600)
        if name == "full":
            return "452 4.2.2 The mailbox is full"
        if name == "spam":
            return "554 5.7.1 We don't like this"
        if name == "farewell":
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
        return await super().handle_DATA(server, session, envelope)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maildir")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--tls", choices=["implicit", "starttls"])
    parser.add_argument("--user")
    parser.add_argument("--password")
    arguments = parser.parse_args()
    handler = Handler(arguments.maildir)
    context = None
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)

    def check(server, session, envelope, mechanism, data):
        known = data.login.decode() == arguments.user and data.password.decode() == arguments.password
        return AuthResult(success=known)

    def connection():
        starttls = context if arguments.tls == "starttls" else None
        return SMTP(
            handler,
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if arguments.user else None,
            auth_required=bool(arguments.user),
            auth_require_tls=arguments.tls == "starttls",
        )

    implicit = context if arguments.tls == "implicit" else None
    server = await asyncio.get_running_loop().create_server(connection, "localhost", 0, ssl=implicit)
    # Every address of localhost gets a port of its own; one is enough.
    print(server.sockets[0].getsockname()[1], server.sockets[0].getsockname()[0], flush=True)
    await server.serve_forever()


asyncio.run(main())
