"""What an HR file says: findings, and the steps that they take in the register."""

from typing import NamedTuple

from learning.organisation.models import HrFinding

Kind = HrFinding.Kind


class Finding(NamedTuple):
    """What stands on a line: `details` for the reader, `steps` for the register (see `step`)."""

    kind: str
    number: int | None = None
    hr_id: str = ""
    name: str = ""
    column: str = ""
    details: dict = {}
    steps: tuple = ()


def step(model: str, pk: int | None, before: dict | None, after: dict) -> list:
    """A row of the register to make (no pk) or to change from `before` to `after`."""
    return [model, pk, before, after]
