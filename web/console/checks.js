// Follows the checks of the embed code: <div data-checks="URL"> is replaced by what the server says, while the page
// is visible and something is still missing.

import { offerCopy } from "./copy.js";

const EVERY = 2000; // ms
const AT_MOST = 15 * 60 * 1000; // after that, the link "Check again" is left

const box = document.querySelector("[data-checks]");
const status = document.createElement("p");
status.className = "unseen";
status.setAttribute("role", "status");
const began = Date.now();

async function follow() {
  if (!box.querySelector(".again") || Date.now() - began > AT_MOST) return;
  if (!document.hidden && !box.contains(document.activeElement)) await renew();
  setTimeout(follow, EVERY);
}

async function renew() {
  let html;
  try {
    const answer = await fetch(box.dataset.checks, { redirect: "error" });
    if (!answer.ok) return;
    html = await answer.text();
  } catch {
    return; // the next time
  }
  const next = new DOMParser().parseFromString(html, "text/html").body;
  const texts = (root) => [...root.querySelectorAll(".checks li:not(.wait)")].map((check) => check.querySelector("p").textContent);
  const before = texts(box);
  box.replaceChildren(...next.children);
  offerCopy(box);
  const news = texts(box).filter((text) => !before.includes(text)).join(". ");
  if (news) status.textContent = news;
}

if (box) {
  box.before(status);
  setTimeout(follow, EVERY);
}
