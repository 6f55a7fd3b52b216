// Makes every page smoother; none of it is needed to use them.

const root = document.documentElement;

function wireThemeSwitch(group) {
  const buttons = [...group.querySelectorAll("button")];
  const show = (theme) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === theme));
  };
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.value) root.dataset.theme = button.value;
    else delete root.dataset.theme;
    try {
      if (button.value) localStorage.setItem("theme", button.value);
      else localStorage.removeItem("theme");
    } catch {
      // The choice then holds for this page only.
    }
    show(button.value);
  });
  show(root.dataset.theme ?? "");
  group.hidden = false;
}

function wireDismiss(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.closest(".notice").remove();
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}

function wirePrint(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Replaces the page in the history, so that "back" does not return to it.
function wireExit(link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.location.replace(link.href);
  });
}

document.querySelectorAll("[data-theme-switch]").forEach(wireThemeSwitch);
document.querySelectorAll("[data-dismiss]").forEach(wireDismiss);
document.querySelectorAll("[data-print]").forEach(wirePrint);
document.querySelectorAll("[data-exit]").forEach(wireExit);
// What is folded away on the screen belongs on paper.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.details:not([open])")) {
    details.open = true;
    details.dataset.closedAfterPrint = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("[data-closed-after-print]")) {
    details.open = false;
    delete details.dataset.closedAfterPrint;
  }
});
