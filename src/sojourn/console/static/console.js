// What a page can do besides being read. Everything works without it.
//
// A part of a page names its function by a data- attribute: <div data-waterfall> is given to what is known as
// "waterfall". A part with more than a few lines has a module of its own beside this one.

import { live } from "./live.js";
import { histogram } from "./sessions.js";
import { waterfall } from "./waterfall.js";

/** @type {Record<string, (element: HTMLElement) => void>} */
const parts = {
  themeSwitch,
  copy,
  live,
  histogram,
  confirm: askFirst,
  waterfall,
};

for (const [name, begin] of Object.entries(parts)) {
  const attribute = "data-" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
  for (const element of document.querySelectorAll(`[${attribute}]`)) begin(element);
}

tellZone();

/** Lets the server write times on the reader's clock, from the next page on. */
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && preference("sojourn-zone") !== zone) {
    prefer("sojourn-zone", zone);
    if (document.querySelector("time")) location.reload();
  }
}

/** Changes the look at once, and remembers it. */
function themeSwitch(form) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    prefer("sojourn-theme", theme);
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  });
}

/** A button that copies the text of the element whose id it has. */
function copy(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = "Copied";
  });
}

/** A form that cannot be undone asks before it is sent. */
function askFirst(form) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

function preference(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
  return found && decodeURIComponent(found.slice(name.length + 1));
}

function prefer(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=31622400; SameSite=Lax${secure}`;
}
