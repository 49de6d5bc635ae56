// The forms of citizens: solves the puzzle while a person writes, in small steps so that
// the page stays quick, and takes a picture that is pasted.
"use strict";

const form = document.querySelector("form[data-puzzle]");
async function solve(puzzle, bits) {
  const encoder = new TextEncoder();
  for (let n = 0; ; n += 1) {
    const hash = await crypto.subtle.digest("SHA-256", encoder.encode(`${puzzle}.${n}`));
    if (Math.clz32(new DataView(hash).getUint32(0)) >= bits) return String(n);
  }
}
if (form && window.crypto?.subtle) {
  const field = form.elements.solution;
  const solved = solve(form.dataset.puzzle, Number(form.dataset.bits))
    .then((solution) => { field.value = solution; });
  form.addEventListener("submit", (event) => {
    if (field.value || form.dataset.waited) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.dataset.waited = "yes";
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    solved.finally(() => { button.disabled = false; form.requestSubmit(); });
  }, true);
  form.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    const input = form.elements.file;
    if (input && files?.length) input.files = files;
  });
}
