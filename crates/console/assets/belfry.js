// What all pages gain from a script: times in the reader's own zone, keys in the queue
// and on a case, and news without a reload. Every page works without it.
"use strict";

for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.title = time.textContent;
    time.textContent = at.toLocaleString(document.documentElement.lang, {
      dateStyle: "medium", timeStyle: "short",
    });
  }
}

// Keys are off while a person types, and can be switched off (WCAG 2.1.4).
const KEYS_OFF = "belfry-keys-off";
const keysOff = () => localStorage.getItem(KEYS_OFF) === "yes";
const keySwitch = document.querySelector("[data-keys]");
if (keySwitch) {
  keySwitch.checked = !keysOff();
  keySwitch.addEventListener("change", () => {
    localStorage.setItem(KEYS_OFF, keySwitch.checked ? "no" : "yes");
  });
}

const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
let focused = -1;
function focusRow(at) {
  if (rows.length === 0) return;
  focused = Math.max(0, Math.min(rows.length - 1, at));
  rows.forEach((row, n) => row.setAttribute("aria-current", n === focused ? "true" : "false"));
  const link = rows[focused].querySelector("a");
  link.focus({ preventScroll: true });
  rows[focused].scrollIntoView({ block: "nearest" });
}
rows.forEach((row, at) => row.addEventListener("focusin", () => {
  if (focused !== at) {
    focused = at;
    rows.forEach((other, n) => other.setAttribute("aria-current", n === at ? "true" : "false"));
  }
}));

function typing(target) {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
      !/^(checkbox|radio|button|submit)$/.test(target.type || ""));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keysOff() || typing(event.target)) return;
  if (rows.length > 0) {
    if (event.key === "j") { focusRow(focused + 1); event.preventDefault(); return; }
    if (event.key === "k") { focusRow(focused - 1); event.preventDefault(); return; }
    if (event.key === "x" && focused >= 0) {
      const box = rows[focused].querySelector("input[type=checkbox]");
      if (box) { box.click(); event.preventDefault(); return; }
    }
  }
  const keyed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (keyed) {
    event.preventDefault();
    if (keyed.matches("input, textarea, select")) keyed.focus();
    else keyed.click();
  }
});

// A decision is sent once: a second press does nothing, and never hits another case.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// News: the list that is read never moves; a line says what has come, and a press shows it.
const live = document.querySelector("[data-live]");
if (live) {
  let first = live.dataset.state ?? null;
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(live.dataset.live, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const state = await answer.text();
    if (first === null) first = state;
    else if (state !== first) live.hidden = false;
  };
  look();
  setInterval(look, 5000);
}
