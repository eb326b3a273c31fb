// Readers whom the page signs in. embed.js loads this when the element has an identity: a token that the server of the
// publication signed. The form then says who writes, instead of asking. docs/reader-identity.md describes the events.

const one = (root, selector) => root?.querySelector(selector);

// The checks of the newest token of each element: token, and a promise of what the server says of it.
const checks = new WeakMap();

// soon is how many milliseconds before the end of a token the page is asked for the next one.
const soon = 60000;

// ask asks the page for a token, and says why.
const ask = (element, reason) => element.dispatchEvent(new CustomEvent("rejoinder-identity", {
  detail: { reason, sign: (token) => { element.identity = token; } }, bubbles: true, composed: true,
}));

const formOf = (element) => one(element.shadowRoot, ".rj-respond form");

// dress makes the form send the token, and say who writes.
const dress = (form, token, line) => {
  if (!form) return;
  const { identity, remember } = form.elements;
  const field = identity ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "identity" }));
  field.value = token;
  form.hidden = false;
  remember?.closest("p").remove();
  for (const old of form.parentNode.querySelectorAll(".rj-sign-in, .rj-signed-out, [data-identity]")) old.remove();
  const now = line.cloneNode(true);
  one(form, ".rj-who").replaceWith(now);
  for (const old of form.querySelectorAll(".rj-as")) if (old !== now) old.remove(); // of a remembered writer
};

// end says in the form that the token has ended. What was typed stays as it is.
const end = (element, host, over) => {
  const form = formOf(element);
  host.token = "";
  if (form && !one(form, ".rj-signed-out")) one(form, "[type=submit]").parentNode.before(over.cloneNode(true));
  ask(element, "expired");
};

// check has the server verify a token. It returns the HTML that says who writes; nothing if the token was refused.
const check = async (element, host, token) => {
  const { doc } = await host.ask("identity", { identity: token, lang: one(element.shadowRoot, ".rj")?.lang ?? "" });
  if (element.identity !== token) return;
  const line = one(doc, ".rj-as");
  const refusal = one(doc, "[data-identity]");
  if (line) {
    const left = line.dataset.left * 1000;
    const then = (wait, act) => setTimeout(() => element.identity === token && act(), wait);
    then(left - soon, () => ask(element, "expiring"));
    then(left, () => end(element, host, one(doc, ".rj-signed-out")));
  } else if (refusal) {
    console.error(`[rejoinder] The identity of the reader was refused: ${refusal.dataset.identity}. ${refusal.title}`);
    ask(element, refusal.dataset.identity);
  } else {
    checks.delete(element); // the server is busy, or out of reach
    setTimeout(() => sign(element, host), 10000);
  }
  return line;
};

// sign makes the element's identity that of the form. host.ask posts a form to a path of the site, and host.own shows
// the reader's own comments; sign sets host.token.
export const sign = async (element, host) => {
  const token = element.identity;
  if (!token) return token === "" && ask(element, "missing");
  if (checks.get(element)?.token !== token) checks.set(element, { token, line: check(element, host, token) });
  else {
    const refusal = one(formOf(element)?.parentNode, "[data-identity]"); // of what was just sent
    if (refusal) return ask(element, refusal.dataset.identity);
  }
  const line = await checks.get(element).line;
  if (!line || element.identity !== token) return;
  dress(formOf(element), token, line);
  if (host.token === token) return;
  host.token = token;
  host.own();
};
