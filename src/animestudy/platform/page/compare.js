// Before and after in one frame: two layers and a range over them, so mouse, touch and keys all work.

const still = matchMedia("(prefers-reduced-motion: reduce)");
const STEP = 0.06; // seconds by which two clips may be apart

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function layer(film, src, alt) {
  if (!film) return make("img", { src, alt, draggable: false });
  const video = make("video", { src, muted: true, loop: true, playsInline: true, preload: "auto" });
  video.setAttribute("aria-label", alt);
  return video;
}

/** An original alone, for a `.stage`, as long as there is nothing to compare it with. */
export function alone({ film, source, name, width, height }) {
  const shown = layer(film, source, name);
  return fitted(make("div", { className: "frame" }, shown), shown, width, height);
}

/**
 * Before and after under a slider: {film, name, before, after, width, height} → an element for a `.stage`.
 * `before` may be null; `failed` is called if the drawing cannot be loaded. `start`: a clip begins by itself.
 */
export function comparison({ film, name, before, after, width, height }, failed, start = false) {
  const drawn = layer(film, after, `${name}, drawn`);
  drawn.addEventListener("error", failed, { once: true });
  const frame = fitted(make("div", { className: "frame" }, drawn), drawn, width, height);
  let source = null;
  if (before) {
    source = layer(film, before, `${name}, the original`);
    source.classList.add("before");
    const slider = make("input", { type: "range", min: 0, max: 100, step: 1, value: 50, className: "slider" });
    slider.setAttribute("aria-label", `${name}: how much of the original is shown`);
    const parts = [source, make("span", { className: "tag was", textContent: "Before" }),
      make("span", { className: "tag is", textContent: "After" }), make("span", { className: "grip" }), slider];
    frame.append(...parts);
    slide(frame, slider);
    source.addEventListener("error", () => { // a coding that this browser does not know
      for (const part of parts) part.remove();
      source = null;
    }, { once: true });
  }
  if (!film) return frame;
  return make("div", { className: "film" }, frame, controls(name, drawn, () => source, start));
}

function fitted(frame, shown, width, height) {
  const fit = (w, h) => { if (w && h) frame.style.setProperty("--ratio", w / h); };
  fit(width, height);
  shown.addEventListener("load", () => fit(shown.naturalWidth, shown.naturalHeight));
  shown.addEventListener("loadedmetadata", () => fit(shown.videoWidth, shown.videoHeight));
  return frame;
}

function slide(frame, slider) {
  const show = () => {
    frame.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value} % before, ${100 - slider.value} % after`);
  };
  const follow = (event) => { // some browsers move a range only by its thumb
    const box = slider.getBoundingClientRect();
    slider.value = Math.round(100 * (event.clientX - box.left) / box.width);
    show();
  };
  slider.addEventListener("input", show);
  slider.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    slider.setPointerCapture(event.pointerId);
    slider.addEventListener("pointermove", follow);
    follow(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    slider.addEventListener(end, () => slider.removeEventListener("pointermove", follow));
  }
  show();
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Play, pause and a place in time for both clips; the drawn one leads, the original keeps step. */
function controls(name, drawn, source, start) {
  const button = make("button", { type: "button", className: "button play" });
  const seek = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0, className: "seek" });
  const told = make("span", { className: "time" });
  seek.setAttribute("aria-label", `${name}: place in the clip`);
  const show = () => {
    button.textContent = drawn.paused ? "Play" : "Pause";
    button.setAttribute("aria-label", `${button.textContent} ${name}`);
    const length = Number.isFinite(drawn.duration) ? drawn.duration : 0;
    if (length) seek.value = drawn.currentTime / length;
    told.textContent = `${clock(drawn.currentTime)} / ${clock(length)}`;
    seek.setAttribute("aria-valuetext", `${drawn.currentTime.toFixed(1)} of ${length.toFixed(1)} seconds`);
  };
  const keepStep = (within) => {
    const other = source();
    if (other && Math.abs(other.currentTime - drawn.currentTime) > within) other.currentTime = drawn.currentTime;
  };
  const tick = () => {
    if (drawn.paused || !drawn.isConnected) { drawn.pause(); source()?.pause(); return; }
    if (source()?.paused) source().play().catch(() => {});
    keepStep(STEP);
    show();
    requestAnimationFrame(tick);
  };
  drawn.addEventListener("play", () => { show(); requestAnimationFrame(tick); });
  drawn.addEventListener("pause", () => { source()?.pause(); keepStep(0); show(); });
  for (const event of ["seeked", "loadedmetadata"]) drawn.addEventListener(event, () => { keepStep(0); show(); });
  button.addEventListener("click", () => (drawn.paused ? drawn.play().catch(() => {}) : drawn.pause()));
  seek.addEventListener("input", () => {
    if (Number.isFinite(drawn.duration)) drawn.currentTime = seek.value * drawn.duration;
  });
  if (start && !still.matches) drawn.addEventListener("canplay", () => drawn.play().catch(() => {}), { once: true });
  show();
  return make("div", { className: "controls" }, button, seek, told);
}
