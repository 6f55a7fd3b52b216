// What must be there before the first paint.

// A theme chosen by hand; the switch itself is wired in site.js.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing follows the device.
}

// A transition between pages is skipped where the next page has none, or where the network is slow. That is no fault.
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && event.reason.message.startsWith("Transition was")) event.preventDefault();
});
