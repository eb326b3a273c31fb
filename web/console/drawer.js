// The commenter drawer: the page of a commenter, over the right of the pane and above the decisions.

import { say, sayWhy } from "./messages.js";
import { page, submitted } from "./server.js";
import { t } from "./words.js";

const drawer = () => document.querySelector(".drawer");
let opener;
let after; // what follows a form

/** Sets up the drawer. `changed` is called with the page that a form of the drawer led to. */
export function watchDrawer(changed) {
  after = changed;
}

/** Closes the drawer; whether it was open. */
export function closeDrawer() {
  if (!drawer()) return false;
  const inside = drawer().contains(document.activeElement);
  drawer().remove();
  if (inside && opener?.isConnected) opener.focus({ preventScroll: true });
  return true;
}

/** Opens the drawer with the commenter of the pane, or closes it. */
export async function toggleDrawer() {
  const link = document.querySelector("#pane .person");
  if (!link) return;
  if (closeDrawer()) return;
  opener = document.activeElement === document.body ? link : document.activeElement;
  try {
    const fresh = await page(link.href);
    if (link.isConnected) show(fresh);
  } catch (error) {
    sayWhy(error);
  }
}

function show(fresh) {
  const box = Object.assign(document.createElement("aside"), { className: "drawer" });
  box.setAttribute("aria-labelledby", "profile-name");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close plain", textContent: "×" });
  close.setAttribute("aria-label", t("Close"));
  close.addEventListener("click", closeDrawer);
  fill(box, fresh);
  box.append(close);
  drawer()?.remove();
  place(box);
  box.tabIndex = -1;
  box.focus({ preventScroll: true });
}

// The page's headings move down a level, below those of the queue.
function fill(box, fresh) {
  const profile = document.importNode(fresh.getElementById("profile"), true);
  for (const [level, name] of [["h2", "h3"], ["h1", "h2"]]) {
    for (const old of profile.querySelectorAll(level)) {
      const heading = document.createElement(name);
      heading.append(...old.childNodes);
      if (old.id) heading.id = old.id;
      if (level === "h1") heading.className = "name";
      old.replaceWith(heading);
    }
  }
  box.querySelector(".profile")?.remove();
  box.prepend(profile);
}

function place(box) {
  const desk = document.querySelector(".desk");
  desk.append(box);
  const bar = document.querySelector("#pane .decision");
  box.style.setProperty("inset-block-end", (bar ? bar.offsetHeight : 0) + "px");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#pane .person");
  if (!link || !document.querySelector(".desk") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  toggleDrawer();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".drawer form");
  if (!form) return;
  event.preventDefault();
  carryOut(form, event.submitter).catch(sayWhy);
});

async function carryOut(form, submitter) {
  const fresh = await submitted(form.getAttribute("action"), new FormData(form, submitter));
  const why = fresh.querySelector(".summary p");
  if (why) {
    say([why, ...fresh.querySelectorAll(".summary li")].map((each) => each.textContent).join(" "), { bad: true });
    return;
  }
  if (fresh.getElementById("profile")) fill(drawer(), fresh);
  await after(fresh);
}
