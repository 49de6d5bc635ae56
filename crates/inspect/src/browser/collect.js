// Runs in an isolated world. A form's own properties can be shadowed by its fields
// (`<input name="action">`), so everything is asked through the prototypes.
(() => {
  "use strict";
  const cut = (value, most) => String(value ?? "").slice(0, most);
  const all = (node, selector) => Array.from(Element.prototype.querySelectorAll.call(node, selector));
  const attribute = (node, name) => Element.prototype.getAttribute.call(node, name);
  const absolute = (text, base) => {
    try { return new URL(text || "", base).href; } catch { return ""; }
  };
  const label = (field) => {
    const labels = field.labels && field.labels.length ? field.labels[0].innerText : "";
    return labels || attribute(field, "placeholder") || attribute(field, "aria-label") || "";
  };
  const field = (node) => ({
    kind: cut(node.localName === "input" ? node.type : node.localName, 40),
    name: cut(attribute(node, "name") || attribute(node, "id"), 100),
    label: cut(label(node), 200),
  });
  const fields = (nodes) => nodes.filter((node) => node.type !== "hidden").slice(0, 64).map(field);
  const FIELDS = "input,select,textarea";
  const documents = [document];
  for (const frame of Array.from(document.querySelectorAll("iframe,frame")).slice(0, 20)) {
    try { if (frame.contentDocument) documents.push(frame.contentDocument); } catch { /* another site's */ }
  }
  const forms = [];
  for (const one of documents) {
    if (!one.documentElement) continue;
    for (const form of all(one.documentElement, "form").slice(0, 32)) {
      forms.push({
        action: cut(absolute(attribute(form, "action"), one.baseURI), 2000),
        method: cut(attribute(form, "method") || "get", 16).toLowerCase(),
        fields: fields(all(form, FIELDS)),
      });
    }
    // Fields outside any form are sent by a script, to wherever it wants.
    const loose = all(one.documentElement, FIELDS).filter((node) => !node.closest("form"));
    if (loose.length) forms.push({ action: "", method: "script", fields: fields(loose) });
  }
  const text = documents.map((one) => one.body ? one.body.innerText : "").join("\n");
  return { title: cut(document.title, 2000), text: cut(text, 20000), forms };
})()
