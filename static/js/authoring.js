// Wagtail's editor saves by itself, and when it has saved takes what then stands in the form as saved. What was written
// while it saved is not: so it is asked to save again if anything was touched meanwhile.
let touched = false;

for (const kind of ["input", "change", "keyup", "click"]) {
  document.addEventListener(kind, () => { touched = true; }, { capture: true, passive: true });
}

document.addEventListener("w-autosave:save", () => { touched = false; });

document.addEventListener("w-autosave:success", ({ target }) => {
  // A form that came back refused is saved once and then watched no more. Told of another interval, it is watched again.
  target.dataset.wUnsavedCheckIntervalValue = "501";
  if (!touched) return;
  target.dispatchEvent(new CustomEvent("w-unsaved:add", { bubbles: true, cancelable: true, detail: { type: "edits" } }));
});
