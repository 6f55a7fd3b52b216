"""Keeps forms from pointing at what belongs to another municipality, whatever is posted."""

from collections.abc import Iterator

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.forms import ModelChoiceField
from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm
from wagtail.blocks.base import BlockField
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from learning.organisation.models import OrgUnit


class _OwnReferences:
    """Refuses a form that points at anything foreign, or at nothing.

    Choosers offer what is one's own, so only a forged form does. It is refused before it is read: shown again, it
    would tell the title of what it points at.
    """

    def is_valid(self):
        if self.is_bound and self.for_user and not self.for_user.is_superuser:
            for model, pk in _references(self):
                if not _is_own(self.for_user, model, pk):
                    raise PermissionDenied
        return super().is_valid()


class OwnReferencesForm(_OwnReferences, WagtailAdminModelForm):
    """The form of a snippet."""


class OwnReferencesPageForm(_OwnReferences, WagtailAdminPageForm):
    """The form of a page."""


def _references(form) -> Iterator[tuple[type, str]]:
    """What the posted form and the forms inside it point at: models and keys."""
    for name, field in form.fields.items():
        posted = field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        if isinstance(field, BlockField):
            yield from ((model, str(pk)) for model, pk, *_path in field.block.extract_references(posted))
        elif isinstance(field, ModelChoiceField):
            yield from ((field.queryset.model, str(pk)) for pk in _keys(posted))
    for formset in getattr(form, "formsets", {}).values():
        for child in formset.forms:
            yield from _references(child)


def _keys(posted) -> list:
    return posted if isinstance(posted, list) else [posted] if posted else []


def _is_own(user, model, pk: str) -> bool:
    """Whether the object exists for the user; what belongs to no municipality exists for all."""
    objects = model._default_manager.all()
    if issubclass(model, Page):
        own = objects.descendant_of(user.municipality.site.root_page, inclusive=True) if user.municipality else None
    elif issubclass(model, get_image_model()):
        policy = policy_registry.get_by_type(model)
        own = policy.instances_user_has_any_permission_for(user, ["choose", "change"])
    elif issubclass(model, OrgUnit):
        own = user.municipality.units if user.municipality else None
    elif path := _path_to_municipality(model):
        own = objects.filter(**{path: user.municipality_id})
    else:
        return True
    return own is not None and pk.isdecimal() and own.filter(pk=pk).exists()


def _path_to_municipality(model) -> str:
    """The field that says whose it is, or the path that the model names; nothing where it is nobody's."""
    try:
        return model._meta.get_field("municipality").name
    except FieldDoesNotExist:
        return getattr(model, "MUNICIPALITY", "")
