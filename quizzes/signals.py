from django.dispatch import Signal

# Sent inside the transaction that hands in, with the graded attempt: what follows is saved with it or not at all. It is
# sent again when a question that is graded anew lets the attempt pass. `now` is when that became known.
attempt_handed_in = Signal()
