from django.dispatch import Signal

# Sent inside the transaction, with person_ids: those whose progress, completions or exemptions changed.
records_changed = Signal()
# Sent with person and on. A room that asks something of the person answers with a list of Asked (see overview).
courses_asked = Signal()
