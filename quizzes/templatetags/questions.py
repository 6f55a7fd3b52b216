"""What templates show of questions."""

from django import template
from wagtail.images import get_image_model

register = template.Library()


@register.simple_tag
def question_picture(question) -> str:
    """The picture of a question, or of one on paper; nothing where it is gone."""
    image = get_image_model().objects.filter(pk=getattr(question.image, "pk", question.image)).first()
    if image is None:
        return ""
    return image.get_rendition("max-960x640").img_tag({"alt": question.image_alt, "class": "picture"})
