// Back and onward by arrow key or swipe, and the focus where the news is. The lesson works without it.

const onward = document.querySelector(".lesson-bar__next");
const back = document.querySelector(".lesson-bar__back");
const SWIPE = 60; // pixels sideways, and more sideways than up or down

function isWriting(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || isWriting(event.target)) return;
  if (event.key === "ArrowRight") onward?.click();
  if (event.key === "ArrowLeft") back?.click();
});

let start = null;

document.addEventListener("touchstart", (event) => {
  start = event.touches.length === 1 && !isWriting(event.target) ? event.touches[0] : null;
}, { passive: true });

document.addEventListener("touchend", (event) => {
  if (!start) return;
  const end = event.changedTouches[0];
  const x = end.clientX - start.clientX;
  const y = end.clientY - start.clientY;
  start = null;
  if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
  (x < 0 ? onward : back)?.click();
}, { passive: true });

// What an answer was worth, or what is missing, is read out and stands in sight.
const news = document.querySelector("#svar, .lesson__card [role=alert]");
if (news) {
  news.tabIndex = -1;
  news.focus({ preventScroll: true });
  news.scrollIntoView({ block: "nearest" });
}
