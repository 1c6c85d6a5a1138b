// Deskhand's own API. The session's key lives in this module's memory only.

import { spoken } from "./words.js";

const TAKES = 20_000;

/** Why a request did not do what it should. `kind`: ended, refused, stale, away, offline; partly: some of it was done. */
export class No extends Error {
  constructor(kind, { detail = "", name = "", status = 0, state = null, after = 0 } = {}) {
    super(detail || kind);
    Object.assign(this, { kind, detail, code: name, status, state, after });
  }
}

export class Desk {
  #key;
  #etag = null;

  constructor(key) {
    this.#key = key;
  }

  forget() {
    this.#key = "";
  }

  /** The state of the bound ticket, or null when it is as it was. */
  async ticket() {
    const answer = await this.#ask("GET", "/api/ticket", null, this.#etag ? { "If-None-Match": this.#etag } : {});
    if (answer.status === 304) return null;
    const state = await answer.json();
    this.#etag = answer.headers.get("ETag");
    return state;
  }

  /** The next look reads everything anew. */
  lookAnew() {
    this.#etag = null;
  }

  async waiting() {
    return (await this.#ask("GET", "/api/waiting")).json();
  }

  bind(ticket) {
    return this.#ask("POST", "/api/sessions/bind", { ticket });
  }

  approve(wait, digest, amount) {
    return this.#ask("POST", `/api/approvals/${Number(wait)}`, { digest, amount });
  }

  decline(wait, digest, reason) {
    return this.#ask("POST", `/api/approvals/${Number(wait)}/decline`, { digest, reason });
  }

  undo(operation, digest) {
    return this.#ask("POST", `/api/operations/${encodeURIComponent(operation)}/undo`, { digest });
  }

  /** `what`: run, take-over or give-back. */
  ticketDo(what, digest) {
    return this.#ask("POST", `/api/ticket/${what}`, { digest });
  }

  pause(action, reason) {
    return this.#ask("POST", "/api/pause", { action, reason });
  }

  /** Lifts whatever the sidebar can pause, if it is what `digest` names. What else is paused stays so. */
  async resume(digest) {
    const answer = await this.#ask("POST", "/api/resume", { digest });
    const told = await answer.clone().json().catch(() => null);
    if (told?.still) throw new No("partly", { detail: told.still });
    return answer;
  }

  async #ask(method, path, body = null, headers = {}) {
    let answer;
    try {
      answer = await fetch(path, {
        method, cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(TAKES),
        headers: { Authorization: `Bearer ${this.#key}`, Accept: "application/json", "Accept-Language": spoken(),
          ...headers,
          ...(body ? { "Content-Type": "application/json" } : {}) },
        body: body ? JSON.stringify(body) : null,
      });
    } catch {
      throw new No("offline");
    }
    if (answer.ok || answer.status === 304) return answer;
    throw await refusal(answer);
  }
}

const KINDS = { 401: "ended", 403: "refused", 409: "stale", 429: "away", 502: "away", 503: "away", 504: "away" };

async function refusal(answer) {
  let told = {};
  try { told = (await answer.json()) ?? {}; } catch { /* not ours: a proxy's page */ }
  return new No(KINDS[answer.status] ?? (answer.status >= 500 ? "away" : "refused"), {
    detail: typeof told.detail === "string" ? told.detail : "", name: told.name ?? "", status: answer.status,
    state: told.state ?? null, after: Number(answer.headers.get("Retry-After")) || 0 });
}
