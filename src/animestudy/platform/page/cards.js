// A card: one picture or clip on its way from a file to a drawing.

import { alone, comparison } from "./compare.js";
import { time } from "./files.js";

export const OPEN = ["queued", "running"]; // states of a job that the server has not ended
export const BUSY = ["waiting", "sending", ...OPEN]; // and of a card that needs no visitor

const $ = (selector, root = document) => root.querySelector(selector);

/** An item of the gallery, before anything has happened to it. `models`: those that could draw it. */
export const blank = ({ name, model, width, height }, models) => ({
  name, model, width, height, models, state: "waiting", job: null, words: "",
  progress: 0, until: null, // when the present step may be over, in milliseconds since 1970
  file: null, type: "", source: null, // the original, while this browser has it, and its address here
  tries: 0, after: 0, since: 0, // of the upload: how often, not before, and when it was done
});

/** A card for an item; `act` hears what the visitor wants, `missing` that the drawing cannot be loaded. */
export function card(item, act, missing) {
  item.card = $("#card").content.firstElementChild.cloneNode(true);
  item.missing = missing;
  item.card.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (name) act(name);
  });
  show(item);
}

/** 73 → "about 1 min 15 s left"; rounder the longer it is, so that it does not jitter. */
function left(seconds) {
  if (seconds < 2) return "a moment left";
  const step = seconds < 20 ? 1 : seconds < 90 ? 5 : 60;
  return `about ${time(step * Math.ceil(seconds / step))} left`;
}

/** "14:20", or with its day if that is not today. */
const moment = (iso) => {
  const date = new Date(iso);
  const day = date.toDateString() === new Date().toDateString() ? {} : { weekday: "short" };
  return date.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" }).replace(" ", "\u00a0");
};

/** What goes on, in words beside the bar. */
function doing({ state, words, progress, until }) {
  const share = `${Math.floor(100 * progress)} %${until ? `, ${left((until - Date.now()) / 1000)}` : ""}`;
  if (state === "waiting") return words || "Waits to be sent";
  if (state === "sending") return progress < 1 ? `Sending, ${share}` : "Sent; the server looks at it";
  if (state === "queued") return "Waits for its turn";
  return progress > 0 ? `Drawing, ${share}` : "Drawing begins";
}

/** States in which a card says what went wrong. */
export const TROUBLE = {
  cancelled: () => "Cancelled.",
  failed: (item) => item.words || "It could not be drawn.",
  gone: () => "The time is up: the server has deleted this drawing.",
};

function facts(item) {
  const words = [item.model === "portrait" ? "Portrait" : "Scene"];
  if (item.width && item.height) words.push(`${item.width} × ${item.height}`);
  if (item.state === "done" && item.job.expires) words.push(`kept until ${moment(item.job.expires)}`);
  if (item.state === "done" && !item.source) words.push("the original is no longer in this browser");
  return words.join(" · ");
}

function buttons(item) {
  const busy = BUSY.includes(item.state);
  const other = item.model === "scene" ? "portrait" : "scene";
  return {
    download: item.state === "done" && "Download",
    enlarge: item.state === "done" && "Enlarge",
    again: !busy && item.state !== "done" && item.file && (item.state === "gone" ? "Draw again" : "Try again"),
    other: item.state === "done" && item.file && item.models.includes(other) && `Draw as ${other}`,
    remove: busy ? "Cancel" : item.state === "done" ? "Delete" : "Remove",
  };
}

/** The parts of the comparison of a drawing that is done. */
export const sides = ({ name, width, height, source, job }) => ({
  name, width, height, before: source, after: job.result.url, film: job.result.type.startsWith("video/"),
});

/** Bring a card up to its item's state; what the visitor holds (the slider, the focus) stays. */
export function show(item) {
  const { card } = item;
  const busy = BUSY.includes(item.state);
  card.dataset.state = busy ? "busy" : item.state;
  $("h3", card).textContent = item.name;
  $(".facts", card).textContent = facts(item);
  const stage = [busy ? "busy" : item.state, item.source, item.job?.result?.url].join(" ");
  if (card.dataset.stage !== stage) {
    card.dataset.stage = stage;
    $(".stage", card).replaceChildren(...staged(item, busy));
  }
  $(".work", card).hidden = !busy;
  const bar = $("progress", card);
  if (item.state === "waiting" || (item.state === "sending" && item.progress === 1)) bar.removeAttribute("value");
  else bar.value = item.progress;
  bar.setAttribute("aria-label", `Progress of ${item.name}`);
  tick(item);
  $(".trouble", card).hidden = !(item.state in TROUBLE);
  $(".trouble", card).textContent = TROUBLE[item.state]?.(item) ?? "";
  for (const [name, words] of Object.entries(buttons(item))) {
    const button = $(`[data-do=${name}]`, card);
    button.hidden = !words;
    button.textContent = words || "";
    if (words) button.setAttribute("aria-label", `${words} ${item.name}`);
  }
  if (item.state === "done") $("[data-do=download]", card).href = `${item.job.result.url}?download=1`;
}

/** Bring only the words beside the bar up to now. */
export function tick(item) {
  $(".work p", item.card).textContent = BUSY.includes(item.state) ? doing(item) : "";
}

function staged(item, busy) {
  if (item.state === "done") return [comparison(sides(item), item.missing)];
  if (item.source && item.state !== "gone") return [alone({ ...item, film: !item.type.startsWith("image/") })];
  return busy ? [document.createElement("i")] : [];
}
