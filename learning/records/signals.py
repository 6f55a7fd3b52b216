from django.dispatch import Signal

# Sent inside the transaction, with person_ids: those whose progress, completions or exemptions changed.
records_changed = Signal()
