"""What Wagtail asks for after every save of a thing, such as its place in the search: at once, or once after many."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django_tasks.backends.immediate import ImmediateBackend

_asked: ContextVar[dict | None] = ContextVar("once_asked", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Leave what is asked for to the end, and do each thing once; nothing of it where the end is not reached."""
    asked = {}
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)
    for task, args, kwargs in asked.values():
        task.enqueue(*args, **kwargs)


class OnceBackend(ImmediateBackend):
    """Does tasks at once, or where `once` holds, at its end."""

    def enqueue(self, task, args, kwargs):
        asked = _asked.get()
        if asked is None:
            return super().enqueue(task, args, kwargs)
        asked[task.module_path, repr(args), repr(kwargs)] = task, args, kwargs
        return None
