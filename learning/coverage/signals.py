from django.dispatch import Signal

# Sent with requirement and people: a room that mails answers with person → what was mailed last and when, in words.
last_mails_asked = Signal()
# Sent with unit and requirement: a room that reminds answers with the address at which a head can.
reminding_asked = Signal()
