// Imports: shows the progress of an upload and of the running import.

import { t } from "./words.js";

const pause = 2000;

// Replace the list with the one from a new copy of the page, until no import is running.
async function refresh() {
  const list = document.getElementById("imports");
  if (!("running" in list.dataset)) return;
  await new Promise((done) => setTimeout(done, pause));
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("imports");
      if (fresh) list.replaceWith(document.adoptNode(fresh));
    }
  } catch {
    // The server does not answer: try again.
  }
  refresh();
}

// Send the form in the background, with a bar. The answer is the next page.
function upload(event) {
  const form = event.target;
  if (form.enctype !== "multipart/form-data") return;
  event.preventDefault();
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", t("Upload"));
  form.append(bar);
  const data = new FormData(form, event.submitter);
  const button = event.submitter ?? form.querySelector("button");
  button.disabled = true;
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) [bar.max, bar.value] = [sent.total, sent.loaded];
  });
  request.addEventListener("load", () => {
    if (request.status === 200) return location.assign(request.responseURL);
    bar.remove();
    button.disabled = false;
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const faults = [...answer.querySelectorAll("main .fault[role=alert], .fault[role=alert]")].map((f) => f.textContent);
    show(form, faults[0] ?? t("The upload failed."));
  });
  request.addEventListener("error", () => {
    bar.remove();
    button.disabled = false;
    show(form, t("The upload was interrupted. Try again: comments already imported are not imported twice."));
  });
  request.open("POST", form.action);
  request.send(data);
}

function show(form, text) {
  document.querySelectorAll(".fault[role=alert]").forEach((old) => old.remove());
  const fault = document.createElement("p");
  fault.className = "fault";
  fault.setAttribute("role", "alert");
  fault.textContent = text;
  form.before(fault);
}

addEventListener("submit", upload);
refresh();
