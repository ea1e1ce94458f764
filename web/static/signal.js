// The signalling socket: joins, notices a dead link, and comes back by itself for ever.

import { watchNetwork } from './network.js';

const PING_EVERY_MS = 1000;
const PONG_WITHIN_MS = 4000;
const PATIENCE_MS = 6000; // more, where media comes from the server: words are on their way
const HEAD_START_MS = 150; // of a connection in doubt before one that was made beside it
const LOOK_AGAIN_MS = 250;
const STOOD_STILL_MS = 500;
const CONNECT_WITHIN_MS = 4000;
const LEAST_PAUSE_MS = 100;
const REQUEST_WITHIN_MS = 8000;
const STABLE_AFTER_MS = 5000; // a connection this old was a good one: the next retry is quick again
const QUICK_PERIOD_MS = 30_000;
const LAST_WORDS = new Set([4401, 4409, 4426]); // unauthorised, replaced, version
const TOO_FAST = 4429;

/** A request that was not granted. `code` is the server's word, or `timeout` or `down`. */
export class RequestFailed extends Error {
  constructor(code, message, answer = null) {
    super(message);
    this.code = code;
    this.answer = answer;
  }
}

/**
 * One WebSocket after another to the same place.
 *
 * `hello()` returns the fields of the first message. Events: `message` (detail: the message, every
 * one), `welcome` (detail: the welcome), `down` (once for each loss after a welcome), `retry`
 * (detail {attempt, in_ms}), `refused` (detail {code}: no retry until `start` is called again),
 * `network` (something was wrong with the network, and this connection has outlived it).
 */
export class Signal extends EventTarget {
  /** Whether the server is heard in another way just now. Set by whoever can tell. */
  heardOtherwise = () => false;

  #path;
  #hello;
  #moved = null;
  #socket = null;
  #welcomedAt = null;
  #wanted = false;
  #lastId = 0;
  #waiting = new Map(); // id -> {resolve, reject, timer}
  #attempt = 0;
  #downSince = null;
  #retryTimer = null;
  #pingTimer = null;
  #connectTimer = null;
  #pongTimer = null;
  #pingId = 0;
  #pingAt = 0;
  #rtt = null;
  #triedAt = 0;
  #rival = null; // a connection that is tried beside a doubtful one
  #proofId = 0; // the ping that ends the doubt
  #unwatch = () => {};

  constructor(path, hello) {
    super();
    this.#path = path;
    this.#hello = hello;
  }

  /** True between a welcome and the loss of its connection. */
  get up() {
    return this.#welcomedAt !== null;
  }

  /** Last round trip of a ping in milliseconds, null before the first. */
  get rtt() {
    return this.#rtt;
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#downSince = performance.now();
    this.#unwatch = watchNetwork(() => this.#networkChanged());
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    this.#unwatch();
    clearTimeout(this.#retryTimer);
    this.#lose();
  }

  /** Gives up the present connection and makes a new one: the server forgets what it knew of us. */
  reconnect() {
    if (this.#wanted) this.#lost(null);
  }

  /** The connection may be dead without our having been told, as when this machine has another
   *  address: one more is tried beside it, and whichever answers first is kept. With two equally
   *  good ones the old is: what hangs on it goes on. */
  prove() {
    if (!this.up || this.#rival !== null) return;
    this.#ping();
    this.#proofId = this.#pingId;
    const rival = new WebSocket(this.#url());
    this.#rival = rival;
    rival.onopen = () => setTimeout(() => rival === this.#rival && this.#takeRival(rival), HEAD_START_MS);
    rival.onclose = () => {
      if (rival === this.#rival) this.#rival = null;
    };
  }

  /** False when there is no connection; nothing is kept for later. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Sends with an id and resolves with the `ack`, `answer` or `done` of that id. Rejects with
   *  `RequestFailed` on `refused`, `sheet_refused`, `problem`, `error`, silence, or loss of the
   *  connection. */
  request(message) {
    const id = this.#nextId();
    return new Promise((resolve, reject) => {
      if (!this.send({ ...message, id })) {
        reject(new RequestFailed('down', 'no connection'));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new RequestFailed('timeout', `no answer to ${message.type}`));
      }, REQUEST_WITHIN_MS);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #nextId() {
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    return this.#lastId;
  }

  #url() {
    const url = new URL(this.#moved ?? this.#path, window.location.href);
    url.protocol = url.protocol.replace(/^http/, 'ws');
    url.hash = '';
    return url;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#triedAt = performance.now();
    const socket = new WebSocket(this.#url());
    socket.onopen = () => this.#sayHello();
    this.#use(socket);
  }

  #use(socket) {
    this.#socket = socket;
    this.#connectTimer = setTimeout(() => this.#lost(null), CONNECT_WITHIN_MS);
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#lost(event.code);
  }

  #sayHello() {
    this.send({ type: 'hello', ...this.#hello() });
  }

  /** It was quicker than the old connection, which is as good as dead. */
  #takeRival(rival) {
    this.#rival = null; // not to be closed with the old one
    this.#lose();
    this.#attempt = 0;
    this.#downSince = performance.now();
    this.#triedAt = performance.now();
    this.#use(rival);
    this.#sayHello();
  }

  #dropRival() {
    const rival = this.#rival;
    this.#rival = null;
    if (rival === null) return;
    rival.onopen = rival.onclose = null;
    rival.close();
  }

  #received(data) {
    const message = JSON.parse(data);
    clearTimeout(this.#pongTimer); // anything heard proves the link
    this.#pongTimer = null;
    switch (message.type) {
      case 'welcome':
      case 'desk_taken': // an answer to the hello too: what follows may take a person's time
        this.#answered(message);
        break;
      case 'pong':
        this.#ponged(message.id);
        break;
      case 'ack':
      case 'answer':
      case 'done':
      case 'colleagues':
        this.#settle(message.id, (waiting) => waiting.resolve(message));
        break;
      case 'refused':
      case 'sheet_refused':
      case 'problem':
      case 'error':
        this.#settle(message.id, (waiting) =>
          waiting.reject(new RequestFailed(message.code, message.message, message)),
        );
        break;
    }
    this.#emit('message', message);
    if (message.type === 'welcome') this.#emit('welcome', message);
    if (message.type === 'moved') this.#lost(null, message.url);
  }

  #answered(message) {
    clearTimeout(this.#connectTimer);
    if (message.type === 'welcome') this.#welcomedAt = performance.now();
    if (this.#pingTimer === null) this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #ping() {
    this.#pingId = this.#nextId();
    this.#pingAt = performance.now();
    if (this.#pongTimer === null) this.#awaitPong();
    this.send({ type: 'ping', id: this.#pingId });
  }

  #awaitPong() {
    const due = performance.now() + PONG_WITHIN_MS;
    this.#pongTimer = setTimeout(() => {
      // A page that stood still itself may have the answer waiting behind this timer.
      if (performance.now() - due > STOOD_STILL_MS) this.#awaitPong();
      else this.#giveUpBy(due + PATIENCE_MS);
    }, PONG_WITHIN_MS);
  }

  /** On a path that loses much a socket stands still for seconds, and a new one would be no better.
   *  Who has asked for something does not wait for that. */
  #giveUpBy(latest) {
    if (performance.now() >= latest || this.#waiting.size > 0 || !this.heardOtherwise()) this.#lost(null);
    else this.#pongTimer = setTimeout(() => this.#giveUpBy(latest), LOOK_AGAIN_MS);
  }

  #ponged(id) {
    if (id === this.#pingId) this.#rtt = performance.now() - this.#pingAt;
    if (this.#rival !== null && id >= this.#proofId) {
      this.#dropRival();
      if (this.up) this.#emit('network', null);
    }
  }

  /** A connection that there is has to prove itself at once; any other is made anew. */
  #networkChanged() {
    if (!this.#wanted) return;
    if (this.#pingTimer === null) {
      this.#lose();
      this.#connect();
      return;
    }
    this.prove();
  }

  #settle(id, act) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    act(waiting);
  }

  /** Takes the connection away: after this nothing of it is heard. */
  #lose() {
    clearTimeout(this.#connectTimer);
    clearInterval(this.#pingTimer);
    this.#pingTimer = null;
    clearTimeout(this.#pongTimer);
    this.#pongTimer = null;
    this.#dropRival();
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, (waiting) => waiting.reject(new RequestFailed('down', 'connection lost')));
    }
    const lasted = this.#welcomedAt === null ? null : performance.now() - this.#welcomedAt;
    this.#welcomedAt = null;
    if (lasted !== null) this.#emit('down', null);
    return lasted;
  }

  #lost(code, moved = null) {
    const lasted = this.#lose();
    // A server that we were sent to and that does not answer is left for the one we know.
    this.#moved = moved ?? (lasted === null ? null : this.#moved);
    if (LAST_WORDS.has(code)) {
      this.#wanted = false;
      this.#unwatch();
      this.#emit('refused', { code });
      return;
    }
    if (!this.#wanted) return;
    if (lasted !== null && lasted >= STABLE_AFTER_MS) {
      this.#attempt = 0;
      this.#downSince = performance.now();
    }
    this.#attempt += 1;
    const in_ms = this.#pause(code, lasted !== null);
    this.#retryTimer = setTimeout(() => this.#connect(), in_ms);
    this.#emit('retry', { attempt: this.#attempt, in_ms });
  }

  /** From now until the next try. From one try to the next it is what `#delay` says: a try that has
   *  waited in vain for an answer is followed by another one, because the network may be back. */
  #pause(code, wasUp) {
    const delay = this.#delay(code);
    if (wasUp || code === TOO_FAST) return delay;
    return Math.max(LEAST_PAUSE_MS, delay - (performance.now() - this.#triedAt));
  }

  /** 0.2 to 0.5 s at first, then growing: at most 2 s for half a minute, at most 15 s after it. */
  #delay(code) {
    const jitter = 0.6 + 0.4 * Math.random();
    if (code === TOO_FAST) return 5000 * jitter;
    if (this.#attempt === 1) return 200 + 300 * Math.random();
    const quick = performance.now() - this.#downSince < QUICK_PERIOD_MS;
    return Math.min(500 * 1.5 ** (this.#attempt - 1), quick ? 2000 : 15_000) * jitter;
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
