// The record page around the component: what Apex would be asked goes to this page's own server.

const asked = new URL(location.href).searchParams;
document.documentElement.style.setProperty("--width", `${Number(asked.get("width") ?? 380)}px`);

globalThis.apex = async (method, said) => {
  const answer = await fetch(`/apex/${method}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
  if (!answer.ok) throw new Error(`Apex answers ${answer.status}`);
  return answer.json();
};
globalThis.went = [];
globalThis.navigated = (page) => globalThis.went.push(page.attributes.recordId);

const language = asked.get("language") === "de" ? "de" : "en";
document.documentElement.lang = language;
const script = document.createElement("script");
script.src = `/${language}.js`;
script.onload = () => document.getElementById("place").append(globalThis.panel(asked.get("case")));
document.head.append(script);
