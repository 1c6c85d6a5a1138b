// Stands for Zendesk's app script: the same calls to the page, the same messages to the frame around it.
(() => {
  const asked = new Map();
  const listeners = new Map();
  let ids = 0;

  class Client {
    constructor(origin, appGuid) {
      Object.assign(this, { origin, appGuid, ready: false, held: [] });
      addEventListener("message", (event) => this.hear(event));
      this.post({ key: "iframe.handshake", message: { version: "double" } }, true);
    }

    post(message, now = false) {
      if (!this.ready && !now) { this.held.push(message); return; }
      const whole = { ...message, appGuid: this.appGuid, instanceGuid: this.appGuid };
      parent.postMessage(JSON.stringify(whole), this.origin);
    }

    hear(event) {
      if (event.origin !== this.origin || event.source !== parent || !event.data) return;
      const told = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
      if (told.id && asked.has(told.id)) {
        const { resolve, reject } = asked.get(told.id);
        asked.delete(told.id);
        if (told.error) reject(new Error(told.error.message)); else resolve(told.result);
        return;
      }
      const name = /^zaf\.(.+)/.exec(told.key ?? "")?.[1];
      if (!name) return;
      if (name === "app.registered") {
        this.ready = true;
        this.held.splice(0).forEach((one) => this.post(one));
      }
      (listeners.get(name) ?? []).forEach((listener) => listener(told.message));
    }

    ask(request, params) {
      ids += 1;
      return new Promise((resolve, reject) => {
        asked.set(ids, { resolve, reject });
        this.post({ id: ids, request, params });
      });
    }

    get(path) {
      return this.ask("get", [path].flat()).then((result) => {
        if (result.errors?.[path]) throw new Error(result.errors[path].message);
        return result;
      });
    }

    invoke(name, ...args) {
      return this.ask("invoke", { [name]: args });
    }

    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      this.post({ key: "iframe.on:" + name, message: {} });
    }
  }

  window.ZAFClient = {
    init() {
      const given = new URLSearchParams(location.search);
      const [origin, guid] = [given.get("origin"), given.get("app_guid")];
      return origin && guid ? new Client(origin, guid) : false;
    },
  };
})();
