// The workbench works without this file; it only saves waiting and clicks.
"use strict";

// How far a job is: asked for until it ends, then the page is shown anew.
for (const panel of document.querySelectorAll("[data-progress]")) {
  const bar = panel.querySelector("progress");
  const text = panel.querySelector(".lead");
  const ask = async () => {
    let told = { state: "running" };
    try {
      told = await (await fetch(panel.dataset.progress)).json();
    } catch {
      // the server is busy or gone: ask again
    }
    if (told.state !== "running") {
      location.reload();
      return;
    }
    if (told.share !== undefined) bar.value = told.share;
    if (told.message) text.textContent = told.message;
    setTimeout(ask, 500);
  };
  setTimeout(ask, 300);
}

// On a phone the navigation runs out of the screen: the page shown stays in sight.
for (const here of document.querySelectorAll(".bar [aria-current], .parts [aria-current]")) {
  const list = here.closest("ul");
  list.scrollLeft = here.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

// Where there is room, the question stays beside its answer.
for (const question of document.querySelectorAll("[data-open-wide]")) {
  if (innerWidth > 700) question.open = true;
}

// A switch makes the plan anew at once.
for (const box of document.querySelectorAll("[data-auto]")) {
  box.addEventListener("change", () => box.form.requestSubmit());
}

// A file may be dropped onto the place that takes it.
for (const place of document.querySelectorAll(".drop")) {
  const input = place.querySelector("input[type=file]");
  const over = (event) => {
    event.preventDefault();
    place.classList.toggle("over", event.type === "dragover");
  };
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", over);
  place.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer.files.length === 1) {
      input.files = event.dataTransfer.files;
      place.requestSubmit();
    }
  });
}
