// Opening hours: copies those of Monday to the other weekdays in place.

import { t } from "./words.js";

const WEEKDAYS = ["tue", "wed", "thu", "fri"];
const SPANS = 4;

function copy(event) {
  const button = event.submitter;
  if (button?.value !== "copy") return;
  const form = event.target;
  const changes = [];
  for (const day of WEEKDAYS) {
    for (let i = 0; i < SPANS; i++) {
      for (const end of ["from", "to"]) {
        const value = form.elements[`mon.${i}.${end}`]?.value ?? "";
        const field = form.elements[`${day}.${i}.${end}`];
        if (!field && value) return; // there is no room for it: the server makes some
        if (field) changes.push([field, value]);
      }
    }
  }
  event.preventDefault();
  for (const [field, value] of changes) {
    field.value = value;
    if (value) field.closest("details")?.setAttribute("open", "");
  }
  let said = button.nextElementSibling;
  if (said?.getAttribute("role") !== "status") {
    said = Object.assign(document.createElement("span"), { className: "fine" });
    said.setAttribute("role", "status");
    button.after(said);
  }
  said.textContent = t("Copied. Not saved yet.");
}

document.querySelector("form:has(.spans)")?.addEventListener("submit", copy);
