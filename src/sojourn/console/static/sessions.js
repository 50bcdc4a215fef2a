// The days of a histogram, picked by keyboard or by dragging. Without this every bar is a link of its own.

/** One stop for the Tab key; arrows go from day to day, with Shift they pick a range; Enter goes to what is picked. */
export function histogram(picture) {
  const bars = [...picture.querySelectorAll("a.bar")];
  if (!bars.length) return;
  picture.dataset.ready = "";
  for (const words of document.querySelectorAll(".days .with-script")) words.hidden = false;
  const chosen = bars.map((bar, i) => (bar.hasAttribute("aria-current") ? i : -1)).filter((i) => i >= 0);
  let at = chosen.at(-1) ?? bars.length - 1;
  let anchor = at;
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  picture.after(said);

  const show = (range) => {
    const [first, last] = [Math.min(anchor, at), Math.max(anchor, at)];
    bars.forEach((bar, i) => {
      bar.setAttribute("tabindex", i === at ? "0" : "-1");
      bar.classList.toggle("picked", range && first <= i && i <= last);
    });
    said.textContent = range && first < last ? `${bars[first].dataset.first} to ${bars[last].dataset.last} picked` : "";
  };
  const go = () => {
    const [first, last] = [Math.min(anchor, at), Math.max(anchor, at)];
    const target = new URL(bars[first].getAttribute("href"), location.href);
    target.searchParams.set("from", bars[first].dataset.first);
    target.searchParams.set("to", bars[last].dataset.last);
    location.assign(target);
  };
  show(false);

  const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -Infinity, End: Infinity };
  picture.addEventListener("keydown", (event) => {
    if (event.key in steps) {
      at = Math.min(bars.length - 1, Math.max(0, at + steps[event.key]));
      if (!event.shiftKey) anchor = at;
      show(event.shiftKey);
      bars[at].focus();
    } else if (event.key === "Enter") {
      go();
    } else if (event.key === "Escape") {
      anchor = at;
      show(false);
    } else return;
    event.preventDefault();
  });

  const barAt = (event) => {
    const box = picture.getBoundingClientRect();
    return Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bars.length)));
  };
  let dragging = false;
  let dragged = false;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls, and taps
    dragging = true;
    dragged = false;
    anchor = at = barAt(event);
  });
  addEventListener("pointermove", (event) => {
    if (!dragging || barAt(event) === at) return;
    at = barAt(event);
    dragged = true;
    show(true);
  });
  addEventListener("pointerup", () => {
    if (dragging && dragged) go();
    dragging = false;
  });
  picture.addEventListener("click", (event) => dragged && event.preventDefault(), true);
  picture.addEventListener("dragstart", (event) => event.preventDefault());
}
