export function show(place, text, other) {
  // below: text-only
  place.innerHTML = text;
  // below: text-only
  place.innerHTML += text;
  // below: text-only
  place.outerHTML = text;
  // below: text-only
  place.insertAdjacentHTML("beforeend", text);
  // below: text-only
  document.write(text);
  // below: text-only
  eval(text);
  // below: text-only
  new Function(text)();
  place.textContent = text;
  place.append(document.createElement("p"));
}

export function keep(other, text, origin) {
  // below: nothing-kept-in-the-browser
  localStorage.setItem("token", text);
  // below: nothing-kept-in-the-browser
  sessionStorage.setItem("token", text);
  // below: nothing-kept-in-the-browser
  document.cookie = text;
  // below: nothing-kept-in-the-browser
  other.postMessage(text, "*");
  other.postMessage(text, origin);
}
