from django.dispatch import Signal

# Sent inside the transaction, with requirement: the requirement whose population, course or dates changed.
requirement_changed = Signal()
