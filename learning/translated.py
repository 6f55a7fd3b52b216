"""Things that keep their translations, and the tab of Wagtail's admin in which these are written."""

import copy
import functools

from django import forms
from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from wagtail.admin.compare import diff_text
from wagtail.admin.panels import ObjectList, Panel, TabbedInterface
from wagtail.fields import RichTextField
from wagtail.utils.text import text_from_html

from .rich import RICH, without_keys
from .translations import in_language, languages, rows, state


class TranslationsWidget(forms.Widget):
    """Reads what the tab posts: for each text what it says, the text that stood beside it, and whether it is right.

    It renders nothing: the tab shows the rows, which it knows and a widget does not.
    """

    def render(self, name, value, attrs=None, renderer=None):
        return ""

    def value_from_datadict(self, data, files, name):
        found = {}
        for field in data:
            prefix, *place = field.split(":")
            if prefix == name and len(place) == 3 and place[0] in languages() and place[2] in READ:
                language, path, key = place
                said = READ[key](data, field)
                if said is not None:
                    found.setdefault(language, {})[path] = {
                        key: said,
                        "of": _plain(data, f"{name}:{language}:{path}:of"),
                        "is_right": f"{name}:{language}:{path}:right" in data,
                    }
        return found

    def value_omitted_from_data(self, data, files, name):
        return not self.value_from_datadict(data, files, name)


def _plain(data, field: str) -> str:
    return data.get(field, "").replace("\r\n", "\n").strip()


def _html(data, field: str) -> str | None:
    """What an author could have written, and nothing else, whatever was posted; None for what no editor sends."""
    try:
        said = without_keys(_editor().value_from_datadict(data, {}, field))
    except (ValueError, TypeError, KeyError):
        return None
    return said if text_from_html(said).strip() else ""


READ = {"text": _plain, "html": _html}


@functools.cache
def _editor() -> forms.Widget:
    return RichTextField(features=RICH).formfield().widget


def _editor_at(id: str) -> forms.Widget:
    """The editor of rich text with a name, which Wagtail leaves it without."""
    editor = copy.copy(_editor())
    editor.options = {**editor.options, "ariaLabelledBy": f"{id}-label", "ariaDescribedBy": f"{id}-source"}
    return editor


class TranslationsFormField(forms.Field):
    widget = TranslationsWidget

    def has_changed(self, initial, data):
        return merged(initial or {}, data or {}) != (initial or {})


def merged(kept: dict, posted: dict) -> dict:
    """The translations with what was posted: one that is neither rewritten nor said to be right stays as it was."""
    found = dict(kept)
    for language, posted_rows in posted.items():
        entries = dict(kept.get(language, {}))
        for path, row in posted_rows.items():
            key = "html" if "html" in row else "text"
            if not row[key]:
                entries.pop(path, None)
            elif row["is_right"] or entries.get(path, {}).get(key) != row[key]:
                entries[path] = {"of": row["of"], key: row[key]}
        found[language] = entries
    return {language: entries for language, entries in found.items() if entries}


class TranslationsField(models.JSONField):
    """Language → path of a text → `text` or, for rich text, `html`, and `of`: the text that it was made from."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"default": dict, "blank": True, "verbose_name": _("translations"), **kwargs})

    def deconstruct(self):
        # To the database it is JSON, and a migration outlives this class.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def formfield(self, **kwargs):
        return TranslationsFormField(required=False, label=kwargs.get("label", self.verbose_name))

    def save_form_data(self, instance, data):
        setattr(instance, self.name, merged(getattr(instance, self.name), data))


class Translated(models.Model):
    """Something that people read: the fields and parts named in `texts_in` may be translated."""

    texts_in: list[str] = []
    # Those of its parts that are shown by themselves, each in the language that it has.
    told_apart: list[str] = []
    # The language of what is in hand; empty: the one in which things are written.
    told_in = ""

    translations = TranslationsField()

    class Meta:
        abstract = True


class TranslatedPage(Translated):
    """A page that is looked at, before it is published, in each language."""

    class Meta:
        abstract = True

    @property
    def preview_modes(self):
        return [("", dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]), *languages().items()]

    def serve_preview(self, request, mode_name):
        language = mode_name or settings.LANGUAGE_CODE
        # Whatever language the editor's own pages speak.
        with override(language):
            return super(TranslatedPage, in_language(self, language)).serve_preview(request, "").render()


class TranslationPanel(Panel):
    """The texts of a thing as they were last saved, beside what they say in one language."""

    def __init__(self, language: str, **kwargs):
        super().__init__(**kwargs)
        self.language = language

    def clone_kwargs(self):
        return super().clone_kwargs() | {"language": self.language}

    def get_form_options(self):
        return {"fields": ["translations"]}

    class BoundPanel(Panel.BoundPanel):
        template_name = "translations/panel.html"

        @property
        def media(self):
            return _editor().media + forms.Media(css={"all": ["css/authoring.css"]})

        def get_context_data(self, parent_context=None):
            language = self.panel.language
            return super().get_context_data(parent_context) | {
                "rows": [] if self.instance._state.adding else [*self._rows(language)],
                "state": state(self.instance, language),
                "language": language,
                "source_language": settings.LANGUAGE_CODE,
                "name": self.panel.heading,
            }

        def _rows(self, language: str):
            posted = (self.form["translations"].value() if self.form.is_bound else {}).get(language, {})
            for number, row in enumerate(rows(self.instance, language), start=1):
                text = row.text
                said = posted.get(text.path, {}).get(text.key, row.told)
                name, id = f"translations:{language}:{text.path}", f"translation-{language}-{number}"
                attrs = {"id": id, "lang": language, "aria-describedby": f"{id}-source"}
                field = _editor_at(id) if text.is_rich else forms.Textarea({"rows": 1 + len(said or text.source) // 36})
                yield {
                    "row": row,
                    "id": id,
                    "name": name,
                    "field": field.render(f"{name}:{text.key}", said, attrs),
                }

        def get_comparison(self):
            return [functools.partial(TranslationComparison, self.panel.language, self.heading)]


class TranslationComparison:
    """What two versions of a thing say in one language."""

    is_field = True
    is_child_relation = False

    def __init__(self, language: str, heading: str, *versions):
        self.heading = heading
        self.before, self.after = (_as_text(version, language) for version in versions)

    def field_label(self):
        return capfirst(self.heading)

    def has_changed(self):
        return self.before != self.after

    def htmldiff(self):
        return diff_text(self.before, self.after).to_html()


def _as_text(thing, language: str) -> str:
    told = [(row.text, row.told) for row in rows(thing, language) if row.told]
    return "\n".join(f"{text.label}: {text_from_html(said) if text.is_rich else said}" for text, said in told)


def in_tabs(*tabs: tuple[str, list]) -> TabbedInterface:
    """The editor with the panels under their headings, and a tab for each language after the first of them."""
    first, *others = tabs
    told = [(name, [TranslationPanel(code, heading=name)]) for code, name in languages().items()]
    return TabbedInterface([ObjectList(panels, heading=heading) for heading, panels in [first, *told, *others]])
