"""Sending 10,000 mails, made and noted one by one, beside a loop of smtplib with ready messages: mails a second.

By one worker, and by two, as operations.md has them.

Run by `make bench`, against the database that DATABASE_URL names; it must be empty. MAILS chooses another number.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from smtplib import SMTP

import django
import django.utils.timezone

from tests.faults.mailing import free_port, wait_for

BLOCK = 250
FORK = get_context("fork")


def main() -> None:
    mails, port = int(os.environ.get("MAILS", 10_000)), free_port()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        accepted = Path(folder, "accepted")
        sink = subprocess.Popen([sys.executable, "-m", "tests.faults.sink", str(port), accepted])
        try:
            wait_for(port)
            measure(mails, port, accepted)
        finally:
            sink.kill()
            sink.wait()


def measure(mails: int, port: int, accepted: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone
    from wagtail.models import Site

    from learning.delivery.kinds import kind_of
    from learning.delivery.letters import letter
    from learning.delivery.models import Message, State
    from learning.delivery.sending import send_due
    from learning.delivery.services import queue
    from learning.organisation.models import Employment, Person
    from learning.organisation.services import found_municipality

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    call_command("migrate", verbosity=0)
    founded, now = date(2009, 1, 1), timezone.now()
    site = Site.objects.get(is_default_site=True)
    municipality = found_municipality(name="Provkommun", slug="prov", site=site, on=founded)
    rows = [Person(municipality=municipality, email=f"kim{n}@prov.example") for n in range(mails)]
    people = Person.objects.bulk_create(rows, batch_size=1000)
    Employment.objects.bulk_create(
        [Employment(person=person, unit=municipality.root, starts_on=founded) for person in people], batch_size=1000
    )
    kind = kind_of("completed")
    object.__setattr__(kind, "compose", lambda message, now: kind.sample())
    blocks = [people[start : start + BLOCK] for start in range(0, mails, BLOCK)]
    due = [now + timedelta(hours=number + 1) for number in range(len(blocks))]
    with transaction.atomic():
        for block, send_after in zip(blocks, due, strict=True):
            for person in block:
                queue(person=person, kind="completed", subject="prov", send_after=send_after)

    message = Message.objects.select_related("person__municipality").first()
    ready = letter(message, kind.sample(), kind, language="sv", now=now).message().as_bytes(linesep="\r\n")

    def loop(block: list, moment: datetime) -> None:
        with SMTP("127.0.0.1", port) as server:
            for person in block:
                server.sendmail("noreply@prov.example", [person.email], ready)

    def outbox(workers: int, block: list, moment: datetime) -> None:
        ahead = moment - timezone.now()
        connection.close()
        # Made anew for each block: what they cost to start falls on us.
        made = [FORK.Process(target=send_due, kwargs={"clock": lambda: timezone.now() + ahead}) for _ in range(workers)]
        for worker in made:
            worker.start()
        for worker in made:
            worker.join()

    ways = {
        "smtplib, ready messages": loop,
        "the outbox, one worker": partial(outbox, 1),
        "the outbox, two workers": partial(outbox, 2),
    }
    plain, *ours = ways
    number, seconds = Counter(), Counter()
    # By turns, so that whatever else the machine does falls on all alike.
    for place, (block, moment) in enumerate(zip(blocks, due, strict=True)):
        for name in (plain, ours[place % 2]):
            start = time.perf_counter()
            ways[name](block, moment)
            seconds[name] += time.perf_counter() - start
            number[name] += len(block)
    assert len(accepted.read_text().split()) == 2 * mails
    assert not Message.objects.exclude(state=State.SENT).exists()
    bare = number[plain] / seconds[plain]
    for name in ways:
        speed = number[name] / seconds[name]
        print(f"{name:<36} {speed:7.0f} mails/s     {speed / bare:5.2f} × bare", flush=True)


if __name__ == "__main__":
    sys.exit(main())
