// A day that cannot be read stays as it was written, for the form to refuse: Wagtail's picker would put today in its place.
jQuery.fn.datetimepicker.defaults.validateOnBlur = false;
