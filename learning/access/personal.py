"""What getting in keeps about people, and what others' tables keep of those who write (see learning.personal)."""

from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.models import EditingSession, FormState
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    APIToken,
    Comment,
    CommentReply,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageSubscription,
    Revision,
    TaskState,
    UploadedFile,
    WorkflowState,
)
from wagtail.users.models import UserProfile

from learning.organisation.models import Person
from learning.personal import NAMELESS, NO_FIGURE, Fate, Table, declare

from .log import lists
from .models import AccessEntry, Disposal, LinkSerial, Try

LOGGED = _("Lets you see who has read your name, and the municipality check that it was right.")
WRITTEN = _("Shows who has written and changed the content.")
YOUR_TOOLS = _("Lets you work in the editor as you left it.")


def _read(people: Collection[int]) -> QuerySet[AccessEntry]:
    """The lists that held these people."""
    held = Q(pk__in=[])
    for person in people:
        held |= Q(people__holds=person) & ~Q(reader=person)
    return lists().filter(held)


def _about(people: Collection[int]) -> QuerySet[ModelLogEntry]:
    """What the editor's log says of people as things that somebody changed; it names them."""
    kind = ContentType.objects.get_for_model(Person)
    return ModelLogEntry.objects.filter(content_type=kind, object_id__in=map(str, people)).order_by("-pk")


def _remove_profiles(people: Collection[int]) -> None:
    for profile in UserProfile.objects.filter(user__in=people):
        profile.avatar.delete(save=False)
        profile.delete()


def _remove_uploads(people: Collection[int]) -> None:
    for upload in UploadedFile.objects.filter(uploaded_by_user__in=people):
        upload.file.delete(save=False)
        upload.delete()


declare(
    Table(
        AccessEntry,
        "people",
        title=_("Who has read your name"),
        why=LOGGED,
        fields=[
            "at",
            "reader",
            (_("function"), "function_names"),
            (_("list"), "list_name"),
            "asked",
            "exported",
        ],
        find=_read,
        because=NAMELESS,
    ),
    Table(
        AccessEntry,
        "reader",
        title=_("Lists of names that you have read"),
        why=LOGGED,
        fields=["at", (_("list"), "list_name"), "asked", "exported", "number"],
        # Without the people in them, who may be many, and with the unit that the list is called by.
        find=lambda people: lists().filter(reader__in=people),
        because=NAMELESS,
    ),
    Table(
        Disposal,
        "by",
        title=_("Disposals that you have made"),
        why=_("Shows who disposed of what, by which decision."),
        fields=["at", "case_number", "decided_on", "number"],
        because=NAMELESS,
    ),
    Table(
        LinkSerial,
        "person",
        title=_("How often your lesson links were stopped"),
        why=_("Lets the links stop working that you were sent before."),
        fields=["serial"],
        because=_("Stays: without it, links that were stopped would work again."),
    ),
    Table(
        Session,
        "session_data",
        title=_("Signed-in browsers"),
        why=_("Keeps you signed in; holds a number that stands for you, and no name."),
        find=lambda people: Session.objects.none(),
        because=_("Ends after twelve hours at the latest; at a disposal, at once."),
    ),
    Table(
        Try,
        "key",
        title=_("Tries to sign in"),
        why=_(
            "Slows down whoever guesses passwords. Neither address nor place is kept, only a sum that tells them apart."
        ),
        find=lambda people: Try.objects.none(),
        because=_("Goes by itself within an hour or so."),
    ),
    Table(
        UserProfile,
        "user",
        why=YOUR_TOOLS,
        fields=["preferred_language", "current_time_zone", "avatar", "theme", "contrast", "density"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
        act=_remove_profiles,
    ),
    Table(
        EditingSession,
        "user",
        title=_("Open editors"),
        why=YOUR_TOOLS,
        fields=[(_("last seen"), "last_seen_at")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        FormState,
        "user",
        title=_("Forms that are not yet saved"),
        why=YOUR_TOOLS,
        fields=[(_("content"), "data"), (_("changed"), "last_updated_at")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        APIToken,
        "user",
        title=_("Keys for programs"),
        why=YOUR_TOOLS,
        fields=["name", "created", "last_used_at"],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        PageSubscription,
        "user",
        title=_("Pages that you follow"),
        why=YOUR_TOOLS,
        fields=[(_("page"), "page")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
    ),
    Table(
        UploadedFile,
        "uploaded_by_user",
        title=_("Files being uploaded"),
        why=YOUR_TOOLS,
        fields=[(_("file"), "file")],
        fate=Fate.DELETED,
        because=NO_FIGURE,
        act=_remove_uploads,
    ),
    Table(
        ModelLogEntry,
        "object_id",
        title=_("Changes to your account in the editor's log"),
        why=_("Shows who has changed whose account."),
        fields=[(_("name"), "label"), (_("act"), "action"), (_("when"), "timestamp")],
        find=_about,
        fate=Fate.DELETED,
        because=_("Removed: it names the person."),
    ),
    *(
        Table(model, path, title=title, why=WRITTEN, fields=fields, because=NAMELESS)
        for model, path, title, fields in [
            (Page, "owner", _("Pages that you have made"), ["title", "first_published_at"]),
            (Page, "locked_by", _("Pages that you have locked"), ["title", "locked_at"]),
            (Revision, "user", _("Versions that you have saved"), [(_("page"), "object_str"), "created_at"]),
            (
                PageLogEntry,
                "user",
                _("What you have done with pages"),
                [(_("page"), "label"), (_("act"), "action"), (_("when"), "timestamp")],
            ),
            (
                ModelLogEntry,
                "user",
                _("What you have done with other content"),
                [(_("what"), "label"), (_("act"), "action"), (_("when"), "timestamp")],
            ),
            (Comment, "user", _("Your comments"), [(_("text"), "text"), (_("written"), "created_at")]),
            (
                Comment,
                "resolved_by",
                _("Comments that you have closed"),
                [(_("text"), "text"), (_("closed"), "resolved_at")],
            ),
            (CommentReply, "user", _("Your replies to comments"), [(_("text"), "text"), (_("written"), "created_at")]),
            (WorkflowState, "requested_by", _("Reviews that you have asked for"), ["created_at"]),
            (TaskState, "finished_by", _("Reviews that you have made"), ["finished_at", (_("comment"), "comment")]),
            (get_image_model(), "uploaded_by_user", _("Pictures that you have uploaded"), ["title", "created_at"]),
            (get_document_model(), "uploaded_by_user", _("Documents that you have uploaded"), ["title", "created_at"]),
        ]
    ),
)
