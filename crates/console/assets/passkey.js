// Making a passkey and signing with one. The page's words are in its data attributes.
"use strict";

const act = document.querySelector("[data-passkey]");
const said = document.querySelector("[data-said]");

function pack(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function unpack(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(json?.title ?? String(answer.status));
  return json;
}

async function make() {
  const secret = location.hash.slice(1);
  if (!secret) throw new Error(act.dataset.nolink);
  const asked = await post("/console/set-up/challenge", { secret });
  const made = await navigator.credentials.create({ publicKey: {
    challenge: unpack(asked.challenge),
    rp: { id: asked.rpId, name: "Belfry" },
    user: { id: unpack(asked.handle), name: asked.name, displayName: `${asked.name} (${asked.role})` },
    pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    attestation: "none",
  } });
  await post("/console/set-up", {
    secret,
    clientData: pack(made.response.clientDataJSON),
    attestation: pack(made.response.attestationObject),
  });
}

async function sign() {
  const asked = await post("/console/sign-in/challenge", {});
  const signed = await navigator.credentials.get({ publicKey: {
    challenge: unpack(asked.challenge), rpId: asked.rpId, userVerification: "required",
  } });
  await post("/console/sign-in", {
    credential: pack(signed.rawId),
    clientData: pack(signed.response.clientDataJSON),
    authenticatorData: pack(signed.response.authenticatorData),
    signature: pack(signed.response.signature),
  });
}

if (!window.PublicKeyCredential) {
  said.textContent = act.dataset.unable;
} else {
  act.disabled = false;
}
act.addEventListener("click", async () => {
  act.disabled = true;
  said.textContent = act.dataset.wait;
  try {
    await (act.dataset.passkey === "make" ? make() : sign());
    location.replace(act.dataset.next);
  } catch (error) {
    said.textContent = `${act.dataset.failed} ${error.message}`;
    act.disabled = false;
  }
});
