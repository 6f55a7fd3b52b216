// Sets a theme chosen by hand before the first paint; the switch itself is wired in site.js.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing follows the device.
}
