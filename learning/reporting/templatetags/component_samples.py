"""Invented forms, pages and figures for the component page, which has no data of its own."""

from datetime import date

from django import forms, template
from django.core.paginator import Paginator

from learning.reporting.charts import line_chart, small_multiple

register = template.Library()

# (year, month): per cent. The months without a figure are those of a reorganisation.
COVERAGE = {
    (2024, 1): 0, (2024, 3): 4, (2024, 5): 9, (2024, 7): 11, (2024, 9): 23, (2024, 10): 31,
    (2024, 11): None, (2024, 12): None,
    (2025, 1): 38, (2025, 2): 44, (2025, 3): 52, (2025, 4): 57, (2025, 5): 63, (2025, 6): 66, (2025, 8): 68,
    (2025, 9): 74,
}  # fmt: skip


class SampleForm(forms.Form):
    """One field of each kind that the pages use."""

    unit = forms.CharField(label="Enhet", help_text="Som den heter i personalsystemet.")
    contact = forms.EmailField(label="Adress för frågor", required=False)
    due_on = forms.DateField(label="Senast den", help_text="Skriv som 2025-12-31.")
    level = forms.ChoiceField(label="Nivå", choices=[("basic", "Grundläggande kunskap"), ("deep", "Fördjupning")])
    note = forms.CharField(label="Vad du vill säga", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    confirmed = forms.BooleanField(label="Jag har läst igenom listan över ändringar.")
    audience = forms.ChoiceField(
        label="Vilka räknas?",
        choices=[("employee", "Medarbetare"), ("elected", "Förtroendevalda")],
        widget=forms.RadioSelect,
    )


@register.simple_tag
def sample_form(filled_in: bool = False):
    """An empty form, or one that was sent with mistakes in it."""
    data = {"unit": "", "contact": "granforsa", "due_on": "31/12", "level": "deep", "note": "Tack!", "audience": ""}
    return SampleForm(data, auto_id="wrong_%s") if filled_in else SampleForm(auto_id="empty_%s")


@register.simple_tag
def sample_pages(number: int = 2):
    """A page of a list of three pages."""
    return Paginator(range(30), 10).page(number)


@register.simple_tag
def sample_chart():
    """A share over time with a gap and a goal."""
    return line_chart(
        _series(),
        goal=100,
        goal_on=date(2025, 12, 31),
        today=date(2025, 9, 30),
        title="Andel med grundläggande kunskap, månad för månad",
        description="Från 0 procent i januari 2024 till 74 procent i september 2025. Målet är 100 procent "
        "den 31 december 2025.",
    )


@register.simple_tag
def sample_multiple():
    """The same, small."""
    return small_multiple(_series(), goal=100)


@register.simple_tag
def sample_choices(state: str = ""):
    """The options of a question: open, answered right ("right") or answered wrong ("wrong")."""
    options = [
        ("Jag väntar tills jag är säker.", False, "Det är mänskligt att vilja vara säker. Men du ska inte utreda."),
        ("Jag berättar för min chef vad jag har sett.", True, "Din chef kan väga in sådant som du inte ser."),
        ("Jag frågar runt bland kollegorna.", False, "Prat om en person blir lätt ett rykte."),
    ]
    picked = {"": None, "right": 1, "wrong": 0}[state]
    return [
        {
            "value": place,
            "text": text,
            "checked": place == picked,
            "state": state and ("right" if right else "wrong" if place == picked else "plain"),
            "feedback": feedback,
        }
        for place, (text, right, feedback) in enumerate(options)
    ]


@register.simple_tag
def sample_list(kind: str):
    """Short lists: ways in a breadcrumb, filters, routes."""
    return {
        "path": [{"label": "Granforsa kommun", "url": "#"}, {"label": "Omsorgsförvaltningen", "url": "#"}],
        "filters": [
            {"label": "Inte börjat", "url": "#", "count": 7, "current": True},
            {"label": "Påbörjad", "url": "#", "count": 3, "current": False},
            {"label": "Gått ut", "url": "#", "count": 1, "current": False},
        ],
        "routes": [
            {
                "situation": "Någon är i fara nu",
                "action": "Ring 112.",
                "number": "112",
                "dial": "112",
                "checked_on": date(2025, 9, 1),
            },
            {
                "situation": "Du vill fråga utan att säga vem du är",
                "action": "Ring den nationella stödtelefonen.",
                "number": "020-100 200",
                "dial": "020100200",
                "checked_on": date(2025, 9, 1),
            },
            {
                "situation": "Du har märkt något på jobbet",
                "action": "Berätta för din chef, samma dag om du kan.",
                "checked_on": date(2025, 9, 1),
            },
        ],
    }[kind]


def _series() -> list:
    return [(date(year, month, 28), share) for (year, month), share in COVERAGE.items()]
