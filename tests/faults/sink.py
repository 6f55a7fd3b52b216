"""A mail server in a process of its own, which writes down the Message-ID of each mail that it accepts.

`python -m tests.faults.sink PORT FILE`
"""

import asyncio
import sys
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Notes:
    """Writes a line before it answers that the mail is accepted."""

    def __init__(self, path: Path):
        self.file = path.open("a", buffering=1)

    async def handle_DATA(self, server, session, envelope):
        print(message_from_bytes(envelope.content)["Message-ID"], file=self.file)
        return "250 OK"


async def serve(port: int, path: Path) -> None:
    notes = Notes(path)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(notes, hostname="sink"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
