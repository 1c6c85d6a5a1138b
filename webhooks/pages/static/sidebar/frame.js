// The helpdesk around this page: which ticket, which language, light or dark, how tall (Zendesk docs, "ZAF Client API").

export class Frame {
  #client;
  #height = 0;

  constructor(client) {
    this.#client = client;
  }

  /** Null when the page does not stand in a helpdesk's frame. */
  static open() {
    const client = globalThis.ZAFClient?.init?.();
    return client ? new Frame(client) : null;
  }

  async ticket() {
    const found = await this.#client.get("ticket.id");
    return String(found["ticket.id"] ?? "");
  }

  async locale() {
    try { return (await this.#client.get("currentUser.locale"))["currentUser.locale"] ?? ""; } catch { return ""; }
  }

  /** Follows the helpdesk's own choice of light or dark; without one, the system's counts. */
  followScheme() {
    const wear = (scheme) => {
      if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;
    };
    wear(new URLSearchParams(location.search).get("colorScheme"));
    this.#client.get("colorScheme").then((found) => wear(found.colorScheme), () => {});
    this.#client.on("colorScheme.changed", wear);
  }

  /** Calls back when the agent comes back to this ticket's tab. */
  onShown(look) {
    this.#client.on("app.activated", look);
  }

  /** Keeps the frame as tall as what it shows. */
  follow(element) {
    new ResizeObserver(() => {
      const height = Math.ceil(element.getBoundingClientRect().height);
      if (height === this.#height) return;
      this.#height = height;
      this.#client.invoke("resize", { width: "100%", height: `${height}px` }).catch(() => {});
    }).observe(element);
  }

  /** Opens a ticket of the helpdesk in a tab of its own. */
  open(ticket) {
    return this.#client.invoke("routeTo", "ticket", ticket);
  }
}
