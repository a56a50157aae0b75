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

// Where there is room, the question stays beside its answer.
for (const question of document.querySelectorAll("[data-open-wide]")) {
  if (innerWidth > 700) question.open = true;
}

// The values of a picture: pointed at or tapped, or stepped through with the arrow keys.
for (const figure of document.querySelectorAll("figure:has(svg :is(g, a) > title)")) {
  const said = document.createElement("output");
  figure.querySelector("figcaption").before(said);
  figure.tabIndex = 0;
  const show = (mark) => {
    figure.querySelector(".marked")?.classList.remove("marked");
    mark.classList.add("marked");
    said.textContent = mark.querySelector("title").textContent;
  };
  const seen = () =>
    [...figure.querySelectorAll("svg :is(g, a):has(> title)")].filter((mark) => mark.getClientRects().length);
  figure.addEventListener("pointerover", (event) => {
    const mark = event.target.closest(":is(g, a):has(> title)");
    if (mark) show(mark);
  });
  figure.addEventListener("keydown", (event) => {
    const place = event.key === "Enter" && figure.querySelector("a.marked");
    if (place) return location.assign(place.href.baseVal);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.target !== figure || !step) return;
    event.preventDefault();
    const marks = seen();
    const at = marks.findIndex((mark) => mark.classList.contains("marked"));
    show(marks[at < 0 ? 0 : (at + step + marks.length) % marks.length]);
  });
}

// A table that fits is not swiped.
for (const hint of document.querySelectorAll(".scroll-hint")) {
  const { scrollWidth, clientWidth } = hint.nextElementSibling;
  hint.hidden = clientWidth > 0 && scrollWidth <= clientWidth;
}

// A switch makes the plan anew at once.
for (const box of document.querySelectorAll("[data-auto]")) {
  box.addEventListener("change", () => box.form.requestSubmit());
}

// What was sent is worked on: its button says so and is not pressed twice.
for (const form of document.forms) {
  const buttons = [...form.elements].filter((one) => one.type === "submit");
  form.addEventListener("submit", (event) => {
    if (form.ariaBusy) event.preventDefault();
    if (event.defaultPrevented) return;
    form.ariaBusy = "true";
    const files = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    const { reading, working } = document.body.dataset;
    const pressed = event.submitter ?? buttons[0];
    // after the form's own values, the button's among them, are taken
    setTimeout(() => {
      for (const button of buttons) button.disabled = true;
      if (!pressed) return;
      pressed.dataset.says = pressed.textContent;
      pressed.textContent = files ? reading : working;
    });
  });
  // the way back leads to a page as it was left
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    form.ariaBusy = null;
    for (const button of buttons) {
      button.disabled = false;
      button.textContent = button.dataset.says ?? button.textContent;
    }
  });
}

// A handle steps through what can be chosen one by one, such as plans of more or less risk.
for (const handle of document.querySelectorAll("[data-steps]")) {
  const choices = [...document.querySelectorAll(`input[name="${handle.dataset.steps}"]`)];
  const [range, said] = [handle.querySelector("input"), handle.querySelector("output")];
  const told = () => {
    said.textContent = choices[range.value].closest("label").querySelector("strong").textContent;
    range.ariaValueText = choices[range.value].closest("label").textContent.trim();
  };
  range.value = choices.findIndex((choice) => choice.checked);
  range.addEventListener("input", told);
  range.addEventListener("change", () => {
    choices[range.value].checked = true;
    choices[range.value].form.requestSubmit();
  });
  told();
  handle.hidden = false;
}

// A handle moves the price of the form along the ladder, in equal steps of its logarithm; the answer
// beside it is asked for anew, and the address says which it is.
for (const handle of document.querySelectorAll("[data-handle]")) {
  const field = document.getElementById(handle.dataset.handle);
  const [range, said] = [handle.querySelector("input"), handle.querySelector("output")];
  const [low, high] = [Number(handle.dataset.low), Number(handle.dataset.high)];
  const price = () => Number((low * (high / low) ** (range.value / range.max)).toPrecision(3));
  const placed = () => {
    const at = Number(field.value) > 0 ? Number(field.value) : Math.sqrt(low * high);
    range.value = Math.round((range.max * Math.log(at / low)) / Math.log(high / low));
    said.textContent = field.value;
  };
  let [waiting, asking] = [0, new AbortController()];
  const ask = async () => {
    const address = `${field.form.action}?${new URLSearchParams(new FormData(field.form))}`;
    asking.abort();
    asking = new AbortController();
    const answer = document.getElementById("answer");
    answer.setAttribute("aria-busy", "true");
    try {
      const page = await (await fetch(address, { signal: asking.signal })).text();
      const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("answer");
      if (!fresh) return location.assign(address);
      answer.replaceChildren(...fresh.childNodes);
      answer.removeAttribute("aria-busy");
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  };
  range.addEventListener("input", () => {
    field.value = said.textContent = range.ariaValueText = String(price());
    clearTimeout(waiting);
    waiting = setTimeout(ask, 200);
  });
  field.addEventListener("change", placed);
  placed();
  handle.hidden = false;
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
