// What happens, as it does. While it is paused, or while somebody reads what is held, new rows wait.

const MOST = 300;

/** A list that fills with rows that the server makes, newest first. */
export function live(section) {
  const list = section.querySelector("[data-live-list]");
  const state = section.querySelector("[data-live-state]");
  const pause = section.querySelector("[data-live-pause]");
  const empty = section.querySelector("[data-live-empty]");
  const waiting = [];
  let paused = false;

  const source = new EventSource(section.dataset.live);
  source.addEventListener("open", tell);
  source.addEventListener("error", tell);
  source.addEventListener("change", ({ data }) => {
    waiting.push(data);
    if (waiting.length > MOST) waiting.shift();
    if (!paused) show();
    tell();
  });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) show();
    tell();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  tell();

  function show() {
    for (const row of waiting.splice(0)) {
      const template = document.createElement("template");
      template.innerHTML = row;
      const element = template.content.firstElementChild;
      element.classList.add("is-new");
      list.prepend(element);
    }
    while (list.childElementCount > MOST) list.lastElementChild.remove();
    empty.hidden = list.childElementCount > 0;
  }

  function tell() {
    if (paused) state.textContent = waiting.length ? `Paused; ${waiting.length} new` : "Paused";
    else if (source.readyState === EventSource.OPEN) state.textContent = "Listening";
    else if (source.readyState === EventSource.CONNECTING) state.textContent = "Connecting…";
    else state.textContent = "The server does not answer any more: load the page again.";
  }
}
