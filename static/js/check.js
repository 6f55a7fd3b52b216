// Keeps what is chosen and not sent yet through a reload, and says what time is left. The check works without it.

const KEPT = "check:";
const here = KEPT + location.pathname;
const form = document.querySelector("#lesson-form");
const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(here)) ?? [];
  } catch {
    return [];
  }
}

function keep() {
  try {
    sessionStorage.setItem(here, JSON.stringify(fields()));
  } catch {
    // Then a reload begins with what the server has.
  }
}

function choose(name, value) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.tagName === "SELECT") field.value = value;
    else if (field.value === value) field.checked = true;
  }
}

function forget(beginning) {
  try {
    Object.keys(sessionStorage).filter((key) => key.startsWith(beginning)).forEach((key) => sessionStorage.removeItem(key));
  } catch {
    // Nothing was kept either.
  }
}

if (form) {
  // A refused form shows what was wrong with it and is left alone.
  const chosen = form.querySelector("[role=alert]") ? [] : kept();
  if (chosen.length) form.querySelectorAll(":checked[type]").forEach((field) => { field.checked = false; });
  chosen.forEach(([name, value]) => choose(name, value));
  form.addEventListener("change", keep);
  form.addEventListener("submit", () => forget(here));
} else if (document.querySelector("[data-handed-in]")) {
  forget(KEPT);
}

// Said only when the words change, which is seldom. By the server's clock: the device may be wrong.
const clock = document.querySelector("#clock");

function tell() {
  const left = clock.dataset.seconds - performance.now() / 1000;
  const mark = Math.max(...Object.keys(words).map(Number).filter((minutes) => left >= 60 * minutes), 0);
  if (clock.textContent !== words[mark]) clock.textContent = words[mark];
  if (left > 0) setTimeout(tell, 5000);
}

const words = clock && JSON.parse(clock.dataset.words);
if (clock) tell();
