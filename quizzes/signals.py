from django.dispatch import Signal

# Sent inside the transaction that hands in, with the graded attempt: what follows is saved with it or not at all.
attempt_handed_in = Signal()
