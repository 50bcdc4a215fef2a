// The waterfall without loading the page again. Every step is an address that the server answers too: here it is
// fetched, and only this part of the page is exchanged.

const PAUSE = 180; // milliseconds after the last letter

/** Takes over the links, the form, the keys and the axis of a waterfall. */
export function waterfall(part) {
  let waiting = 0;
  let asked = 0;
  let shown = location.search;

  async function show(address, push) {
    const turn = ++asked;
    part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const other = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (turn !== asked) return; // another was asked for meanwhile
      if (!other) return void location.assign(address); // signed out, or gone: let the page say so
      exchange(other);
      history[push ? "pushState" : "replaceState"](null, "", address);
      shown = location.search;
    } catch {
      location.assign(address);
    } finally {
      if (turn === asked) part.removeAttribute("aria-busy");
    }
  }

  /** Takes what the other has; the form stays, so that nobody is interrupted while typing. */
  function exchange(other) {
    const count = part.querySelector("[data-count]");
    const words = other.querySelector("[data-count]").textContent;
    const row = part.contains(document.activeElement) && document.activeElement.closest("summary");
    const step = document.activeElement?.dataset?.step;
    const index = row ? rows().indexOf(row) : -1;
    const legend = part.querySelector(".fall-legend")?.open;
    const typing = part.querySelector("form").contains(document.activeElement);
    const form = part.querySelector("form");
    if (!typing) form.replaceWith(other.querySelector("form"));
    else for (const field of other.querySelectorAll("form input[type=hidden]")) remember(form, field);
    for (const child of [...part.children]) if (child.tagName !== "FORM" && !child.contains(count)) child.remove();
    let after = part.querySelector("form");
    for (const child of [...other.children]) {
      if (child.tagName === "FORM" || child.querySelector("[data-count]")) continue;
      after.after(child);
      after = child;
    }
    const tabs = other.querySelector(".head .segments");
    if (tabs) part.querySelector(".head .segments")?.replaceWith(tabs);
    if (count.textContent !== words) count.textContent = words; // what is told aloud
    if (legend) part.querySelector(".fall-legend").open = true;
    if (index >= 0) (rows()[index] ?? rows().at(-1))?.focus();
    if (step) part.querySelector(`[data-step="${step}"]`)?.focus();
    if (!typing) listen();
  }

  function remember(form, field) {
    form.querySelector(`input[type=hidden][name="${field.name}"]`)?.remove();
    form.prepend(field.cloneNode());
  }

  const rows = () => [...part.querySelectorAll("[data-rows] summary")];

  function wanted(form) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    return `${location.pathname}?${query}#${part.id}`;
  }

  function listen() {
    const form = part.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(wanted(form), true);
    });
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => show(wanted(form), false), PAUSE);
    });
  }

  part.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap], a[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href, true);
  });

  part.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("summary");
    const list = row?.closest("[data-rows]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows();
    const at = all.indexOf(row);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    const step = { "+": "in", "=": "in", "-": "out", ArrowLeft: "earlier", ArrowRight: "later" }[event.key];
    if (to !== undefined) all[Math.max(0, Math.min(all.length - 1, to))].focus();
    else if (step) show(part.querySelector(`[data-step="${step}"]`).href, false);
    else if (event.key === "Escape") row.parentElement.open = false;
    else return;
    event.preventDefault();
  });

  part.addEventListener("pointerdown", (event) => {
    const axis = event.target.closest?.("[data-axis]");
    if (!axis || event.button !== 0) return;
    event.preventDefault();
    drag(axis, event);
  });

  /** Chooses a stretch of the time. */
  function drag(axis, begin) {
    const box = axis.getBoundingClientRect();
    const within = (x) => Math.max(0, Math.min(1, (x - box.left) / box.width));
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const area = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    mark.setAttribute("class", "chosen-area");
    area.setAttribute("height", "100%");
    area.setAttribute("class", "chosen");
    mark.append(area);
    axis.append(mark);
    const ends = (event) => [within(begin.clientX), within(event.clientX)].sort((a, b) => a - b);
    function move(event) {
      const [left, right] = ends(event);
      area.setAttribute("x", `${left * 100}%`);
      area.setAttribute("width", `${(right - left) * 100}%`);
    }
    function end(event) {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      mark.remove();
      const [left, right] = ends(event);
      if (event.type !== "pointerup" || right - left < 0.01) return;
      const first = Number(axis.dataset.first);
      const length = Number(axis.dataset.last) - first;
      const address = new URL(location.href);
      address.hash = part.id;
      address.searchParams.set("from", (first + left * length).toFixed(2));
      address.searchParams.set("to", (first + right * length).toFixed(2));
      show(address.href, true);
    }
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  }

  addEventListener("popstate", () => {
    if (location.search !== shown) location.reload(); // a step back; not a jump within the page
  });
  listen();
}
