"""What this room tells the rooms above, inside the transaction that changes it.

Receivers write what must not be lost and leave the rest to transaction.on_commit: then nobody acts on what is
rolled back, and nothing that was committed goes unheard.
"""

from collections.abc import Iterable

from django.dispatch import Signal

# Sent with person_ids: a frozenset of the people whose employments or leaves changed.
register_changed = Signal()
# Sent with person_ids: those whose functions changed.
appointments_changed = Signal()
# Sent with unit before it is put, with all below it, elsewhere in the tree.
unit_placing = Signal()
# Sent with employment before one is taken away that never was. A room in which something rests on it answers what
# that is, in words; then the employment stays.
employment_withdrawn = Signal()


def announce(signal: Signal, person_ids: Iterable[int]) -> None:
    """Send the signal for these people, if there are any. Call it inside the transaction."""
    person_ids = frozenset(person_ids)
    if person_ids:
        signal.send(sender=None, person_ids=person_ids)
