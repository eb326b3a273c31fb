// Requests to the server: modules send the page's own forms and read the server's own pages.

import { t } from "./words.js";

/** The session has ended; it is enough to sign in in another tab. */
export class SignedOut extends Error {}

/** The server refused. `problem` is the problem details (RFC 9457), or empty. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || t("The server responded with status %s.", status));
    this.status = status;
    this.problem = problem;
  }
}

async function answered(address, options) {
  const response = await fetch(address, { credentials: "same-origin", ...options });
  if (response.type === "opaqueredirect" || new URL(response.url).pathname === "/console/sign-in") throw new SignedOut();
  return response;
}

async function refusal(response) {
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // A proxy's page, or nothing at all: the status says enough.
  }
  return new Refused(response.status, problem);
}

/** Reads a page of the console as a document. */
export async function page(address) {
  const response = await answered(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Refused(response.status, {});
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Submits form data and returns the resulting page, which may ask for confirmation or report errors. */
export async function submitted(action, fields) {
  const response = await answered(action, { method: "POST", headers: { Accept: "text/html" }, body: new URLSearchParams(fields) });
  if (response.status === 401) throw new SignedOut();
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.ok || fresh.querySelector(".bar")) return fresh; // a page of the console
  throw new Refused(response.status, { detail: fresh.querySelector("h1 + p")?.textContent });
}

/**
 * Sends form data as the form would, and returns the JSON response. With the option keepalive it arrives even if the
 * page is left meanwhile; browsers allow that for 64 KiB of requests at a time (https://fetch.spec.whatwg.org).
 */
export async function send(action, fields, options = {}) {
  const response = await answered(action, {
    method: "POST", redirect: "manual", headers: { Accept: "application/json" }, body: new URLSearchParams(fields), ...options,
  });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? {} : response.json();
}

/** Sends form data and calls `take` for each line of the response as it arrives. */
export async function lines(action, fields, take) {
  const response = await answered(action, {
    method: "POST", redirect: "manual", headers: { Accept: "application/x-ndjson" }, body: new URLSearchParams(fields),
  });
  if (!response.ok) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let last;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (text + value).split("\n");
    text = parts.pop();
    for (const part of parts) {
      last = JSON.parse(part);
      if (last.event === "problem") throw new Refused(last.problem.status, last.problem);
      take(last);
    }
  }
  if (last?.event !== "report") throw new Error(t("the connection broke off"));
}

/** Replaces an element by one of another document. */
export function swap(old, fresh) {
  const node = document.importNode(fresh, true);
  old.replaceWith(node);
  return node;
}
