// Light or dark: as the system says, until the visitor switches; the choice is kept in a cookie that the server reads.

const system = matchMedia("(prefers-color-scheme: dark)");
const YEAR_S = 365 * 24 * 60 * 60;
const listeners = new Set();

/** "light" or "dark", as the page looks now. */
export const current = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");

/** Calls onChange(theme) at each change, until the returned function is called. */
export function followed(onChange) {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}

const tell = () => listeners.forEach((listener) => listener(current()));

/** Lets every [data-theme-switch] button switch. */
export function wire() {
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const theme = current() === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
      tell();
    });
  }
  system.addEventListener("change", tell);
}
