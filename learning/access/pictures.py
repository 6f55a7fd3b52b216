"""Pictures of files that others made, as the municipality's own."""

import hashlib
import io

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image as Picture
from PIL import UnidentifiedImageError
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from learning.errors import LearningError
from learning.organisation.models import Municipality

from .editors import editors_collection

MOST_PIXELS = 40_000_000
PICTURES = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


class PictureWrong(LearningError):
    """The picture is none, or not one of those that are taken."""

    status = 400


def picture_format(content: bytes) -> str:
    """The ending of the picture's name, by what it is. Raises PictureWrong."""
    try:
        with Picture.open(io.BytesIO(content), formats=list(PICTURES)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureWrong(_("A picture in the file is too big. Nothing was changed."))
            picture.verify()
            return PICTURES[picture.format]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Picture.DecompressionBombError) as error:
        raise PictureWrong(_("A picture in the file cannot be read. Nothing was changed.")) from error


def own_picture(municipality: Municipality, content: bytes) -> AbstractImage:
    """The picture among the municipality's own; one that it has already is used again. Raises PictureWrong."""
    form = picture_format(content)
    name = f"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}.{form}"
    return adopted(municipality, content, name, title=name)


def adopted(municipality: Municipality, content: bytes, name: str, **about) -> AbstractImage:
    """The picture in the municipality's collection, with these fields; one that is there already serves."""
    model, collection = get_image_model(), editors_collection(municipality)
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    there = model.objects.filter(collection=collection, file_hash=digest).first()
    if there:
        return there
    image = model(collection=collection, file=ContentFile(content, name), file_hash=digest, **about)
    image.full_clean()
    image.save()
    return image
