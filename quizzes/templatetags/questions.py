"""What templates show of questions."""

from django import template
from wagtail.images import get_image_model
from wagtail.images.shortcuts import get_rendition_or_not_found

register = template.Library()


@register.simple_tag
def question_picture(question) -> str:
    """The picture of a question, or of one on paper; nothing where it is gone."""
    image = get_image_model().objects.filter(pk=getattr(question.image, "pk", question.image)).first()
    if image is None:
        return ""
    rendition = get_rendition_or_not_found(image, "max-960x640|format-webp")
    return rendition.img_tag({"alt": question.image_alt, "class": "question__picture picture"})
