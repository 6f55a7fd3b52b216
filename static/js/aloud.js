// Reads a question aloud in its own language. The buttons are shown where the device has a voice for it.

const speech = window.speechSynthesis;
const buttons = [...document.querySelectorAll("[data-aloud]")];
const languageOf = (element) => (element.closest("[lang]")?.lang || "sv").toLowerCase();
const voiceFor = (language) => speech.getVoices().find((voice) => voice.lang.toLowerCase().replace("_", "-").startsWith(language));

// What stands in the question: its text, then each thing to choose or to place, and where it can be placed.
function texts(button) {
  const question = button.parentElement.querySelector("fieldset");
  const places = question.querySelector("ol:not([data-arrange]) select")?.options ?? [];
  return [...question.querySelectorAll("legend, p, .choice, label, .placed")]
    .filter((part) => !part.parentElement.closest(".choice") && !part.closest("[aria-hidden=true], [hidden]"))
    .map((part) => part.innerText.trim())
    .concat([...places].slice(1).map((place) => place.text.trim()))
    .filter(Boolean);
}

function stop() {
  speech.cancel();
  buttons.forEach((button) => button.setAttribute("aria-pressed", "false"));
}

function read(button) {
  stop();
  const language = languageOf(button);
  const parts = texts(button).map((text) => new SpeechSynthesisUtterance(text));
  for (const part of parts) {
    part.lang = language;
    part.voice = voiceFor(language);
    speech.speak(part);
  }
  button.setAttribute("aria-pressed", "true");
  parts.at(-1).onend = () => button.setAttribute("aria-pressed", "false");
}

function show() {
  for (const button of buttons) button.hidden = !voiceFor(languageOf(button));
}

if (speech && buttons.length) {
  for (const button of buttons) {
    button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stop() : read(button)));
  }
  show();
  speech.addEventListener?.("voiceschanged", show); // some devices tell their voices late
  window.addEventListener("pagehide", stop);
}
