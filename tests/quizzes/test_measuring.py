"""What is measured is shown for many together, so that no form that few took can be told from the others."""

import pytest

from quizzes.measuring import Figure, Measured
from quizzes.models import Stage


@pytest.mark.parametrize(
    ("numbers", "shown", "together"),
    [
        ((30, 30), [True, True], True),
        ((40, 29), [True, False], False),
        ((20, 20), [False, False], True),
        ((9,), [False], False),
    ],
)
def test_a_form_that_few_took_cannot_be_worked_out(numbers, shown, together):
    forms = tuple(Figure(form, number, 0.5) for form, number in zip("ABC", numbers, strict=False))
    stage = Measured(Stage.BEFORE, Figure("", sum(numbers), 0.5), forms)
    assert [form.is_shown for form in forms] == shown
    assert stage.shows_together is together
