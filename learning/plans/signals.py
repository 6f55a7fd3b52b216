from django.dispatch import Signal

# Sent inside the transaction, with requirement: what is asked, or of whom, has changed.
requirement_changed = Signal()
