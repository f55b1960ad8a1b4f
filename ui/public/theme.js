// Runs before the first paint, so that a dark screen never flashes white. The same key is written by src/lib/prefs.ts.
(function () {
  var prefs;
  try {
    prefs = JSON.parse(localStorage.getItem("aop.prefs") || "{}");
  } catch {
    prefs = {};
  }
  var dark = prefs.theme === "dark" || (prefs.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
