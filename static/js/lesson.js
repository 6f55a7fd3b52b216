// Back and onward by arrow key or swipe, and the focus where the news is. The lesson works without it.

const onward = document.querySelector(".lesson-bar__next");
const back = document.querySelector(".lesson-bar__back");
const SWIPE = 60; // pixels sideways, and more sideways than up or down

// Where keys and strokes of the finger have a meaning of their own.
function isBusy(element) {
  return element.matches("input, textarea, select, [contenteditable], audio, video");
}

// What is to be answered is handed in by its button alone.
function goOn() {
  if (!document.querySelector("#lesson-form :is(input:not([type=hidden]), textarea, select)")) onward?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || isBusy(event.target)) return;
  if (event.key === "ArrowRight") goOn();
  if (event.key === "ArrowLeft") back?.click();
});

let start = null;

document.addEventListener("touchstart", (event) => {
  start = event.touches.length === 1 && !isBusy(event.target) ? event.touches[0] : null;
}, { passive: true });

document.addEventListener("touchend", (event) => {
  if (!start) return;
  const end = event.changedTouches[0];
  const x = end.clientX - start.clientX;
  const y = end.clientY - start.clientY;
  start = null;
  if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
  if (x < 0) goOn();
  else back?.click();
}, { passive: true });

// What an answer was worth, or what is missing, is read out and stands in sight.
const news = document.querySelector("#svar, #problem");
if (news) {
  news.tabIndex = -1;
  news.focus({ preventScroll: true });
  news.scrollIntoView({ block: "nearest" });
}

// What is answered is kept on the device, for this person alone, until the server has it: a network that comes and goes
// loses nothing. The server takes the same form twice as one, so that sending again does no harm.

const UNSENT = "unsent";
const form = document.querySelector("form[data-person]");
let sending = false;

function unsent() {
  try {
    const kept = JSON.parse(localStorage.getItem(UNSENT));
    return kept?.person === form.dataset.person ? kept : null;
  } catch {
    return null;
  }
}

function keep(answer) {
  try {
    if (answer) localStorage.setItem(UNSENT, JSON.stringify(answer));
    else localStorage.removeItem(UNSENT);
    return true;
  } catch {
    return false; // then the form is sent as without this
  }
}

function go(address) {
  const next = new URL(address, location.href);
  if (next.pathname + next.search !== location.pathname + location.search) return location.assign(next);
  history.replaceState(null, "", next); // another place on the same page is no reason to fetch it
  location.reload();
}

async function send(answer) {
  const body = new URLSearchParams(answer.body);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value); // of today's session
  const response = await fetch(answer.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  if (response.redirected) return location.assign(response.url); // signed out meanwhile: kept until the person is back
  if (response.status === 403 || response.status >= 500) throw new Error(response.statusText);
  keep(null);
  if (response.ok) go((await response.json()).next);
  else if (new URL(answer.action).pathname === location.pathname) form.submit(); // refused: the page says why
  else location.assign(answer.action); // it was of another page, which shows how it stands
}

async function sendKept() {
  const answer = unsent();
  if (!answer || sending) return;
  sending = true;
  try {
    await send(answer);
  } catch {
    sending = false;
    document.querySelector("#without-network").hidden = false;
    setTimeout(sendKept, 5000);
  }
}

if (form) {
  form.addEventListener("submit", (event) => {
    const body = new URLSearchParams(new FormData(form, event.submitter)).toString();
    if (!sending && !keep({ person: form.dataset.person, action: form.action, body })) return;
    event.preventDefault();
    sendKept();
  });
  window.addEventListener("online", sendKept);
  // A page that is come back to has sent what it had.
  window.addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
  sendKept();
}
