// The branch's queue as the server has it: fetched every two seconds, and after each act.

const EVERY_MS = 2000;

export class Queue extends EventTarget {
  /** What `/api/queue` says; null before it was heard. */
  standing = null;
  /** The server does not answer. */
  lost = false;

  start() {
    this.#refresh();
    setInterval(() => this.#refresh(), EVERY_MS);
  }

  /** A new ticket: {code, flow, name, priority, issued_at, ahead, qr}. Rejects with a `Refused`. */
  issue(wish) {
    return this.#act('/api/tickets', wish);
  }

  /** The next one, to a booth that is free. */
  call() {
    return this.#act('/api/tickets/call', {});
  }

  /** `what`: again, missed or cancel. */
  act(ticket, what) {
    return this.#act(`/api/tickets/${ticket.id}/${what}`, {});
  }

  async #act(path, body) {
    const answer = await ask(path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    await this.#refresh();
    return answer;
  }

  async #refresh() {
    try {
      this.standing = await ask('/api/queue', { cache: 'no-store' });
      this.lost = false;
    } catch (error) {
      if (error.code === 'not_signed_in') window.location.assign('/sign-in?next=/guard');
      this.lost = true;
    }
    this.dispatchEvent(new Event('change'));
  }
}

/** `code`: the server's name for what is wrong, `unreachable` when it did not answer. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused('unreachable');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error?.code ?? 'unreachable');
  return answer;
}
