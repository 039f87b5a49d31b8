// The desk and the gallery: files go in, jobs come back, each with a card that follows its state.

import { Offline, Refusal, ask, listen, send } from "./api.js";
import { BUSY, OPEN, TROUBLE, blank, card, show, sides, tick } from "./cards.js";
import { comparison } from "./compare.js";
import { allowed, examine, time } from "./files.js";
import * as originals from "./originals.js";

const STREAMS = 2; // a browser opens six lines to a server; uploads and results need some of them
const POLL = 2000; // milliseconds between looks at the jobs that have no stream
const HIDDEN_POLL = 10_000; // and while nobody sees the page
const LONGEST = 15_000; // between tries to reach a server that is away
const AGAIN = 1000; // after a stream that broke off
const TRIES = 3; // of an upload that breaks off
const LOOK = 5000; // between looks for what should have expired
const TITLE = document.title;

const $ = (selector, root = document) => root.querySelector(selector);
const desk = $("#desk");
const list = $("#cards");
const view = $("#view");

// Pages in private windows may be refused their storage.
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* forgotten */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

let limits = null;
let offline = false;
let sending = false;
let watch = 0; // the timer of the next look at the jobs
const items = []; // of the gallery, newest first, as cards.js describes them
const streams = new Map(); // job id → a function that stops listening
const removed = new Set(); // ids of jobs that the visitor has deleted, while the server may still list them

// What is said

/** To a screen reader, in passing. */
function say(words) {
  $("#said").textContent = words;
}

/** A file that could not be taken, until it is dismissed. */
function notice(name, words) {
  const item = document.createElement("li");
  const text = document.createElement("p");
  const heading = document.createElement("b");
  const close = document.createElement("button");
  heading.textContent = name;
  text.append(heading, ` ${words}`);
  close.type = "button";
  close.className = "close";
  close.setAttribute("aria-label", `Dismiss: ${name}`);
  close.addEventListener("click", () => { item.remove(); $("#files").focus(); });
  item.append(text, close);
  $("#notices").append(item);
  say(`${name}: ${words}`);
}

function line(words) {
  $("#line").hidden = !words;
  $("#line").textContent = words;
}

// The gallery

const jobs = () => items.filter((item) => item.job);
const open = () => jobs().filter((item) => OPEN.includes(item.state));

/** A drawing that cannot be loaded: is it gone, or the line? */
async function missing(item) {
  try {
    await ask(`/api/jobs/${item.job.id}`);
  } catch (error) {
    if (error instanceof Offline) lost();
    else change(item, { state: "gone" });
  }
}

function add(item, place = 0) {
  card(item, (name) => ACTIONS[name](item), () => missing(item));
  items.splice(place, 0, item);
  list.insertBefore(item.card, items[place + 1]?.card ?? null);
  count();
  return item;
}

function drop(item) {
  const place = items.indexOf(item);
  if (place < 0) return;
  const held = item.card.contains(document.activeElement);
  items.splice(place, 1);
  item.card.remove();
  if (item.source) URL.revokeObjectURL(item.source);
  if (held) ($("button:not([hidden]), a:not([hidden])", (items[place] ?? items.at(-1))?.card ?? list) ?? $("#drawings")).focus();
  count();
}

function change(item, facts) {
  const before = item.state;
  Object.assign(item, facts);
  show(item);
  if (item.state !== before) {
    if (item.state === "done") say(`${item.name} is drawn.`);
    else if (item.state in TROUBLE) say(`${item.name}: ${TROUBLE[item.state](item)}`);
    else if (item.state === "running") say(`${item.name} is being drawn.`);
    count();
    sendNext();
  }
}

function count() {
  const busy = items.filter((item) => BUSY.includes(item.state)).length;
  document.title = busy ? `${busy} in work · ${TITLE}` : TITLE;
  $("#empty").hidden = !limits || items.length > 0;
}

// From the server

/** Take over what the server says of a job. */
function heard(item, job) {
  const left = OPEN.includes(job.state) && job.seconds_left != null ? Date.now() + 1000 * job.seconds_left : null;
  const { name, model, state, progress } = job;
  const size = job.width && job.height ? { width: job.width, height: job.height } : {};
  if (job.state === "done" && !job.result) return; // the next word of it has the result
  change(item, { job, name, model, state, progress: progress ?? 0, until: left, words: job.error, ...size });
}

/** Listen to the jobs in work, the foremost by streams, the others by looking now and then. */
function tend() {
  const waiting = open().reverse().sort((a, b) => (b.state === "running") - (a.state === "running"));
  const wanted = document.hidden || offline ? [] : waiting.slice(0, STREAMS);
  const ids = new Set(wanted.map((item) => item.job.id));
  for (const [id, stop] of streams) if (!ids.has(id)) { stop(); streams.delete(id); }
  for (const item of wanted) {
    const { id } = item.job;
    if (streams.has(id)) continue;
    streams.set(id, listen(id, (job) => {
      heard(item, job);
      if (!OPEN.includes(job.state)) tend();
    }, () => { streams.delete(id); setTimeout(refresh, AGAIN); }));
  }
  clearTimeout(watch);
  if (!offline && waiting.length > wanted.length) watch = setTimeout(refresh, document.hidden ? HIDDEN_POLL : POLL);
}

/** Bring the gallery up to the server's list. */
async function refresh() {
  let found;
  try { found = (await ask("/api/jobs")).jobs; } catch (error) {
    if (error instanceof Offline) lost();
    else line(error.message);
    return false;
  }
  const ids = new Set(found.map((job) => job.id));
  for (const item of jobs()) {
    const newer = item.since > Date.now() - POLL; // than the list
    if (!ids.has(item.job.id) && !newer && !["failed", "cancelled"].includes(item.state)) change(item, { state: "gone" });
  }
  let place = items.findIndex((item) => item.job);
  if (place < 0) place = items.length;
  for (const job of found) {
    const item = items.find((one) => one.job?.id === job.id);
    if (item) {
      heard(item, job);
      place = items.indexOf(item) + 1;
    } else if (job.state !== "cancelled" && !removed.has(job.id)) {
      remembered(add({ ...blank(job, limits.models), job, state: job.state }, place));
      place += 1;
    }
  }
  originals.tidy(ids);
  tend();
  return true;
}

/** A job of an earlier visit: its original may still be in this browser. */
async function remembered(item) {
  heard(item, item.job);
  const file = await originals.recall(item.job.id);
  if (!file || !items.includes(item)) return;
  change(item, { file, type: file.type, source: URL.createObjectURL(file) });
}

let delay = 0;

/** The server is away: say so, and try until it is back. */
function lost() {
  if (offline) return;
  offline = true;
  delay = 1000;
  line("The connection is lost. Trying again …");
  tend();
  setTimeout(again, delay);
}

async function again() {
  if (!offline) return;
  try {
    limits ??= await ask("/api/limits");
    await ask("/api/jobs");
  } catch (error) {
    if (error instanceof Offline) {
      delay = Math.min(2 * delay, LONGEST);
      setTimeout(again, delay);
      return;
    }
  }
  offline = false;
  line("");
  say("Connected again.");
  await begin();
}

// To the server

async function take(files) {
  if (!limits) {
    for (const file of files) notice(file.name, "The server cannot be reached yet. Try again in a moment.");
    return;
  }
  const model = new FormData(desk).get("model");
  for (const file of files) {
    try {
      const known = await examine(file, limits);
      add({ ...blank({ ...known, name: file.name, model }, limits.models), file, type: known.type, source: known.url });
    } catch (error) {
      notice(file.name, error.message);
    }
  }
  sendNext();
}

/** Send what waits, one file at a time, oldest first, as far as the server takes more jobs. */
async function sendNext() {
  if (sending || offline || !limits) return;
  const item = items.findLast((one) => one.state === "waiting" && one.after <= Date.now());
  if (!item) return;
  if (open().length >= limits.open_jobs) {
    change(item, { words: "Waits until another one is done" });
    return;
  }
  sending = true;
  const begun = Date.now();
  const stop = new AbortController();
  change(item, { state: "sending", progress: 0, until: null, words: "", stop, tries: item.tries + 1 });
  const progressed = (progress) => {
    const spent = Date.now() - begun;
    const left = spent > 1000 && progress > 0 ? Date.now() + spent * (1 - progress) / progress : null;
    if (item.state === "sending") change(item, { progress, until: left });
  };
  try {
    const job = await send(item.file, item.model, progressed, stop.signal);
    const twin = items.find((one) => one !== item && one.job?.id === job.id); // the list was faster
    if (twin) drop(twin);
    originals.keep(job.id, item.file);
    item.since = Date.now();
    heard(item, job);
    tend();
  } catch (error) {
    sentBadly(item, error);
  } finally {
    sending = false;
  }
  sendNext();
}

function sentBadly(item, error) {
  if (!items.includes(item)) return; // cancelled
  if (error instanceof Offline && item.tries < TRIES) {
    change(item, { state: "waiting", words: "Waits for the connection" });
    lost();
  } else if (error instanceof Offline) {
    change(item, { state: "failed", words: "It could not be sent: the connection broke off each time." });
  } else if (error instanceof Refusal && error.status === 429) {
    change(item, { state: "waiting", words: `${error.message} It is sent again in ${time(error.wait)}.`, after: Date.now() + 1000 * error.wait });
    setTimeout(sendNext, 1000 * error.wait + 50);
  } else {
    drop(item);
    notice(item.name, error.message);
  }
}

const ACTIONS = {
  enlarge(item) {
    $("h2", view).textContent = item.name;
    $("a", view).href = `${item.job.result.url}?download=1`;
    $(".stage", view).replaceChildren(comparison(sides(item), item.missing, true));
    view.showModal();
    ($(".slider", view) ?? $("button", view)).focus();
  },
  other(item) {
    sendAs(item, item.model === "scene" ? "portrait" : "scene");
  },
  again(item) {
    if (item.job) sendAs(item, item.model);
    else change(item, { state: "waiting", tries: 0, words: "" });
    if (item.job) ACTIONS.remove(item);
  },
  async remove(item) {
    item.stop?.abort(new Error("cancelled"));
    drop(item);
    if (!item.job) return;
    const { id } = item.job;
    removed.add(id);
    tend();
    try {
      await ask(`/api/jobs/${id}`, "DELETE");
      originals.forget(id);
    } catch (error) {
      removed.delete(id); // it comes back with the list, to be deleted again
      if (error instanceof Offline) lost();
      else if (error.status !== 404) notice(item.name, error.message);
    }
    sendNext();
  },
};

/** Send the same file once more. */
function sendAs({ name, width, height, file, type }, model) {
  const item = { ...blank({ name, width, height, model }, limits.models), file, type };
  add({ ...item, source: URL.createObjectURL(file) }).card.scrollIntoView({ block: "nearest" });
  sendNext();
}

// The ways in

$("#files").addEventListener("change", (event) => {
  take([...event.target.files]);
  event.target.value = ""; // the same file may be chosen again
});

desk.addEventListener("submit", (event) => event.preventDefault());
desk.addEventListener("change", () => remember("model", new FormData(desk).get("model")));

const carries = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0; // of elements that a dragged file is over

addEventListener("dragenter", (event) => { if (carries(event)) { depth += 1; desk.classList.add("over"); } });
addEventListener("dragleave", (event) => {
  if (!carries(event)) return;
  depth -= 1;
  if (depth <= 0) desk.classList.remove("over");
});
addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  depth = 0;
  desk.classList.remove("over");
  take([...event.dataTransfer.files]);
});

addEventListener("paste", (event) => {
  const files = [...event.clipboardData?.files ?? []];
  if (!files.length) return;
  event.preventDefault();
  const now = new Date().toLocaleTimeString("en-GB").replaceAll(":", ".");
  take(files.map((file) => (/^image\.\w+$/.test(file.name) // what browsers call a picture without a file
    ? new File([file], `Pasted at ${now}.${file.name.split(".")[1]}`, { type: file.type }) : file)));
});

$("button", view).addEventListener("click", () => view.close());
view.addEventListener("close", () => $(".stage", view).replaceChildren());
view.addEventListener("click", (event) => { if (event.target === view) view.close(); });

addEventListener("online", again);
document.addEventListener("visibilitychange", () => {
  if (limits && !offline && !document.hidden) refresh();
  else tend();
});

setInterval(() => { // times left run down
  for (const item of items) if (item.until) tick(item);
}, 1000);

setInterval(() => {
  const over = ({ state, job }) => state === "done" && job.expires && Date.parse(job.expires) < Date.now();
  if (!offline && items.some(over)) refresh();
}, LOOK);

async function begin() {
  try { limits ??= await ask("/api/limits"); } catch (error) {
    if (error instanceof Offline) lost();
    else line(error.message);
    return;
  }
  for (const input of desk.elements.model) {
    input.disabled = !limits.models.includes(input.value);
    if (input.checked && input.disabled) $("[name=model]:enabled").checked = true;
  }
  $("#files").accept = limits.types.join(",");
  $("#limits").textContent = `${allowed(limits)}. Drawings have at most ${limits.longest} pixels a side, of clips ${limits.clip_longest}.`;
  $("#keeping").textContent = `Only this browser can see your drawings. The server deletes the original as soon as it is drawn and the drawing after ${time(limits.expires_after_s)}; nothing is sent anywhere else.`;
  await refresh();
  count();
  sendNext();
}

for (const input of desk.elements.model) if (input.value === recall("model")) input.checked = true;
begin();
