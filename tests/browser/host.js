// The helpdesk's page around the app: signs in by a posted form, and answers the app's script as Zendesk does.
const given = new URLSearchParams(location.search);
const frame = document.getElementById("app");
const app = given.get("app");
const has = {
  "ticket.id": Number(given.get("ticket")), "currentUser.locale": given.get("locale") || "en-US",
  "colorScheme": given.get("scheme") || "light",
};
window.told = [];
frame.style.width = `${given.get("width") || 320}px`;
frame.style.height = "200px";

function answer(message) {
  const result = { errors: {} };
  if (message.request === "get") {
    for (const path of message.params) {
      if (path in has) result[path] = has[path];
      else result.errors[path] = { message: "no such property" };
    }
  } else if (message.request === "invoke") {
    for (const [name, args] of Object.entries(message.params)) {
      window.told.push([name, args]);
      if (name === "resize") frame.style.height = args[0].height;
      result[name] = null;
    }
  }
  return { id: message.id, result };
}

addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== new URL(app).origin) return;
  const message = JSON.parse(event.data);
  if (message.key === "iframe.handshake") {
    send({ key: "zaf.app.registered", message: { metadata: { appId: 1 }, context: { product: "support", location: "ticket_sidebar" } } });
  } else if (message.request) send(answer(message));
});

function send(message) {
  frame.contentWindow.postMessage(message, new URL(app).origin);
}

window.happens = (name, message) => send({ key: `zaf.${name}`, message });

const form = document.getElementById("sign-in");
const query = new URLSearchParams({ origin: location.origin, app_guid: "guid-1" });
if (given.get("scheme")) query.set("colorScheme", given.get("scheme"));
form.action = `${given.get("location") || `${app}/sidebar/zendesk`}?${query}`;
form.elements.token.value = given.get("token") || "a token";
form.submit();
