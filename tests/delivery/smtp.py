"""A mail server for the tests, which can refuse, break off, and be gone."""

import socket
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Server:
    """Listens on this machine while the context lasts."""

    def __init__(self):
        self.mails = []
        self.answers = {}  # address → what RCPT is answered
        self.said = {}  # command → what it is answered, whoever asks
        self.limit = 0  # so many mails a connection, where there is a limit
        self.connections = 0

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = free.getsockname()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.address[1])
        self.controller.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.taken = 0
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.limit and session.taken >= self.limit:
            return "421 4.7.0 Too many mails"
        envelope.mail_from = address
        return self.said.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        if self.said.get("DATA") == "break":
            server.transport.close()
            return "250 OK"
        self.mails.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        session.taken += 1
        return self.said.get("DATA", "250 OK")
