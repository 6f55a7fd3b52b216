"""Lets those who are appointed to write into Wagtail's admin, and out of it when the appointment ends."""

from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from learning.organisation.models import Appointment, Municipality, Person

from .authority import MAY, Action, functions

# What an editor may touch besides the pages of the site: models by app label.
SNIPPET_PERMISSIONS = {
    "courses": ["factsnippet", "route", "recording"],
    "quizzes": ["question", "knowledgecheck"],
    "plans": ["actionplan", "duty", "requirement", "situationpicture"],
    "surveys": ["survey"],
}
# What they may also remove: questions, where nothing uses them.
REMOVABLE = {"quizzes": ["question"]}
GROUP_ENDING = ": VBE"
WRITERS = {function for function, actions in MAY.items() if Action.WRITE in actions}


def editors_group(municipality: Municipality) -> Group:
    """The group of those who write the municipality's content; made when first asked for."""
    group, created = Group.objects.get_or_create(name=f"{municipality.slug}{GROUP_ENDING}")
    # Each time, so that a group made by an earlier release may touch what a later one has added.
    for app, models in SNIPPET_PERMISSIONS.items():
        names = [f"{verb}_{model}" for model in models for verb in ("add", "change", "view", "publish")]
        names += [f"delete_{model}" for model in REMOVABLE.get(app, [])]
        group.permissions.add(*Permission.objects.filter(content_type__app_label=app, codename__in=names))
    if created:
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        for codename in ("add_page", "change_page", "publish_page"):
            permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
            GroupPagePermission.objects.create(group=group, page=municipality.site.root_page, permission=permission)
        images = Permission.objects.filter(
            content_type__app_label="wagtailimages", codename__in=["add_image", "change_image", "choose_image"]
        )
        collection = Collection.get_first_root_node().add_child(name=municipality.name)
        for permission in images:
            GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    return group


def editors_collection(municipality: Municipality) -> Collection:
    """Where the municipality's pictures are."""
    permissions = GroupCollectionPermission.objects.filter(group=editors_group(municipality))
    return permissions.select_related("collection").first().collection


def follow_appointments(person_ids=None, on=None, **kwargs) -> None:
    """Make the groups of these people (None: of everybody) equal to the functions that they hold on the day (today)."""
    on = on or timezone.localdate()
    # They are few, and a file may have changed everybody: asked for first, they are what is gone through.
    writers = Appointment.objects.filter(function__in=WRITERS).values_list("person", flat=True)
    members = Group.user_set.through.objects.filter(group__name__endswith=GROUP_ENDING).values_list("person", flat=True)
    concerned = {*writers, *members}
    if person_ids is not None:
        concerned &= set(person_ids)
    for person in Person.objects.filter(pk__in=concerned).exclude(municipality=None).select_related("municipality"):
        group = editors_group(person.municipality)
        if functions(person, on=on) & WRITERS:
            person.groups.add(group)
        else:
            person.groups.remove(group)
