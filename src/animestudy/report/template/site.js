"use strict";

// Everything here is a comfort: without it the pages read the same, folded code opens, colours follow the system.

const root = document.documentElement;
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];

// Pages opened from disk may be refused their storage.
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* forgotten */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

$$(".tools, .search").forEach((element) => { element.hidden = false; });

// Colours

const theme = $(".theme-toggle");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const showTheme = () => theme.setAttribute("aria-pressed", isDark());
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
  showTheme();
});
system.addEventListener("change", showTheme);
showTheme();

// Code

const code = $(".code-toggle");
const showCode = (open) => {
  $$("details.code").forEach((element) => { element.open = open; });
  code.setAttribute("aria-pressed", open);
  code.textContent = open ? "Hide code" : "Show code";
  remember("code", open ? "open" : "");
};
if (code) {
  code.addEventListener("click", () => showCode(code.getAttribute("aria-pressed") !== "true"));
  if (recall("code")) showCode(true);
}

// Menu: closes when something else is wanted

const menu = $(".menu");
document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
menu.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { menu.open = false; menu.firstElementChild.focus(); }
});

// Table of contents: where the reader is

const links = new Map($$(".toc a").map((link) => [link.hash.slice(1), link]));
const headings = [...links.keys()].map((id) => document.getElementById(id));
const markPlace = () => {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
  for (const link of links.values()) link.removeAttribute("aria-current");
  if (passed.length) links.get(passed.at(-1).id).setAttribute("aria-current", "true");
};
if (links.size) {
  addEventListener("scroll", markPlace, { passive: true });
  markPlace();
}

// Search

const form = $(".search");
const input = form.querySelector("input");
const list = form.querySelector("ul");
const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
const entries = (window.studyIndex ?? []).map((entry) => ({
  ...entry, foldedTitle: fold(`${entry.page} ${entry.title}`), foldedText: fold(entry.text),
}));
let chosen = -1;

// Every word has to occur; a word in a title counts more than one in the text, its beginning more than its middle.
function score(entry, words) {
  let sum = 0;
  for (const word of words) {
    const starts = (text) => text.startsWith(word) || new RegExp(`[^\\p{L}\\p{N}]${escapeRegExp(word)}`, "u").test(text);
    const value = starts(entry.foldedTitle) ? 8 : entry.foldedTitle.includes(word) ? 4
      : starts(entry.foldedText) ? 2 : entry.foldedText.includes(word) ? 1 : 0;
    if (!value) return 0;
    sum += value;
  }
  return sum;
}

function escapeRegExp(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function find(query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return entries.map((entry) => ({ entry, value: score(entry, words), words }))
    .filter((hit) => hit.value).sort((a, b) => b.value - a.value).slice(0, 12);
}

// The text around the first word found, with the words marked.
function excerpt(text, words) {
  const at = Math.max(0, Math.min(...words.map((word) => fold(text).indexOf(word)).filter((i) => i >= 0), text.length));
  const from = at < text.length ? Math.max(0, text.lastIndexOf(" ", Math.max(0, at - 50))) : 0;
  const piece = (from ? "… " : "") + text.slice(from, from + 150).trim() + (text.length > from + 150 ? " …" : "");
  const span = document.createElement("span");
  const pattern = new RegExp(`((?<![\\p{L}\\p{N}])(?:${words.map(escapeRegExp).join("|")}))`, "giu");
  for (const part of piece.split(pattern)) {
    const node = words.includes(fold(part)) ? document.createElement("mark") : document.createTextNode(part);
    if (node.nodeType === 1) node.textContent = part;
    span.append(node);
  }
  return span;
}

function choose(index) {
  const items = [...list.querySelectorAll("[role=option]")];
  chosen = items.length ? (index + items.length) % items.length : -1;
  items.forEach((item, k) => item.setAttribute("aria-selected", k === chosen));
  if (chosen >= 0) {
    items[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[chosen].id);
  } else input.removeAttribute("aria-activedescendant");
}

function showHits() {
  const hits = find(input.value);
  list.replaceChildren(...hits.map(({ entry, words }, k) => {
    const item = document.createElement("li");
    const title = document.createElement("b");
    title.textContent = entry.title && entry.title !== entry.page ? `${entry.page} › ${entry.title}` : entry.page;
    item.append(title, excerpt(entry.text, words));
    item.id = `hit-${k}`;
    item.setAttribute("role", "option");
    item.dataset.href = entry.href;
    item.addEventListener("mousedown", (event) => { event.preventDefault(); open(entry.href); });
    return item;
  }));
  if (!hits.length && input.value.trim()) {
    const none = document.createElement("li");
    none.className = "none";
    none.textContent = "Nothing found";
    list.append(none);
  }
  list.hidden = !list.children.length;
  input.setAttribute("aria-expanded", !list.hidden);
  choose(0);
}

function open(href) {
  list.hidden = true;
  location.href = href;
}

function closeSearch() {
  list.hidden = true;
  input.setAttribute("aria-expanded", false);
}

form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", showHits);
input.addEventListener("focus", () => { if (input.value) showHits(); });
input.addEventListener("blur", closeSearch);
input.addEventListener("keydown", (event) => {
  const item = list.querySelectorAll("[role=option]")[chosen];
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" && item && !list.hidden) open(item.dataset.href);
  else if (event.key === "Escape") { input.value = ""; closeSearch(); input.blur(); }
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
  }
});
