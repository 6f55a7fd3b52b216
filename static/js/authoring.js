// A form that came back refused is saved once by Wagtail's editor, which then watches it no more and goes on saying
// that it is saved. Told of another interval, it watches again.
document.addEventListener("w-autosave:success", ({ target }) => {
  target.dataset.wUnsavedCheckIntervalValue = "501";
});
