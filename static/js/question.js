// Fetches what could be better about the question that is written, a moment after its author pauses, and shows each
// hint beside its field. The rules stand on the server (quizzes/advice.py); without this, hints come when one saves.
const PAUSE = 800;
const hints = document.getElementById("hints");
const announcer = document.getElementById("hints-told");
const form = hints?.closest("form");
let timer;
let asked = 0;

function place() {
  for (const old of form.querySelectorAll(".hint")) {
    const field = document.getElementById(old.dataset.of);
    const others = (field?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== old.id);
    if (others.length) field?.setAttribute("aria-describedby", others.join(" "));
    else field?.removeAttribute("aria-describedby");
    old.remove();
  }
  for (const [number, item] of hints.querySelectorAll("li[data-field]").entries()) {
    const field = document.getElementById(`id_${item.dataset.field}`);
    const beside = field?.closest("[data-field-wrapper], .w-field__wrapper");
    if (!beside) continue;
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.id = `hint-${number}`;
    hint.dataset.of = field.id;
    hint.textContent = item.querySelector("span").textContent;
    beside.append(hint);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${hint.id}`.trim());
  }
}

async function ask() {
  const mine = ++asked;
  const response = await fetch(hints.dataset.url, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (!response?.ok || mine !== asked) return;
  const before = hints.querySelector("[data-told]")?.textContent;
  hints.innerHTML = await response.text();
  const told = hints.querySelector("[data-told]").textContent;
  if (told !== before) announcer.textContent = told.trim();
  place();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

if (form) {
  place();
  for (const kind of ["input", "change", "click"]) form.addEventListener(kind, soon, { passive: true });
}
