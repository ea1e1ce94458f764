// The visitor's claim as the page knows it: what the server told, and what is typed and not
// acknowledged yet. Everything of a visit that the page holds lies here, and goes with it.

import { captureOf, presentOf, progressOf, stepOf, tasksOf } from './tasks.js';

const DRAFT_AFTER_MS = 300;

/**
 * `changed` is called when something else is to be shown. `revision` counts what is shown: typing
 * does not move it, because the field that is typed into draws itself.
 */
export class Claim {
  flow = null;
  told = null;
  problem = null; // {field, code, marked, values}: of the field that is shown, or of the step
  busy = false;
  strokes = []; // of a signature that is not sent yet
  held = () => null; // name of a capture that is shown until its verdict has been seen
  revision = 0;
  #signal;
  #changed;
  #flows = new Map();
  #occupant = null;
  #typed = new Map(); // field -> what stands there, until the server has it
  #skipped = new Set();
  #askedBy = null; // {name, camera}: of the picture that the officer asked for
  #at = null; // a task that the visitor went back to
  #unsent = new Set(); // fields whose draft is to be sent
  #timer = null;
  #shown = '';

  constructor(signal, changed) {
    this.#signal = signal;
    this.#changed = changed;
  }

  // --- what the server says -----------------------------------------------------------------------

  hear(message) {
    if (message.type === 'flow') {
      this.#flows.set(message.flow.name, message.flow);
    } else if (message.type === 'visit') {
      if (message.step !== this.told?.step) this.problem = null; // of a step that is done
      this.told = message.flow === null ? null : message;
    } else {
      return;
    }
    this.flow = this.#flows.get(this.told?.flow) ?? null;
    // Drafts are this page's own, and a picture's age is nothing to see.
    const pictures = this.told?.pictures.map((each) => ({ ...each, age_ms: 0 }));
    const shown = JSON.stringify([{ ...this.told, drafts: null, pictures }, this.flow?.name]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#keptAfterAll();
    this.#draw();
  }

  /** Who sits here by the server's word; null: nobody. Nothing of one person is kept for the next.
   *  True when this is somebody else than before. */
  occupiedBy(occupant) {
    if (occupant === this.#occupant) return false;
    this.#occupant = occupant;
    this.#forget();
    if (occupant === null) this.told = this.flow = null;
    this.#shown = '';
    return true;
  }

  /** The connection is gone. What was typed stays for the same person: it is shown again. */
  left() {
    this.told = this.flow = null;
    this.#flows.clear();
    this.#shown = '';
    this.busy = false;
  }

  // --- what is shown ------------------------------------------------------------------------------

  get step() {
    return this.flow && stepOf(this.flow, this.told.step);
  }

  /** The step that officer and visitor do together now; null while one of the visitor's own goes on. */
  get attended() {
    return (this.flow && this.told.step === null && stepOf(this.flow, this.told.attended)) || null;
  }

  get tasks() {
    return this.flow ? tasksOf(this.flow, this.told, this.#skipped) : [];
  }

  /** The task that is shown, or null. */
  get task() {
    return this.flow && presentOf(this.tasks, this.told, this.#at);
  }

  get progress() {
    return progressOf(this.flow, this.told);
  }

  /** What is to be shown: {kind, name, asked}, or null when only the officer can go on. Kind is
   *  that of a task, `overview` or `result`. */
  get work() {
    if (!this.flow) return null;
    if (this.told.result) return { kind: 'result', name: '', asked: false };
    const held = this.held();
    if (held) return { kind: 'capture', name: held, asked: this.told.asked.includes(held), held: true };
    const { task } = this;
    if (task) return { kind: task.kind, name: task.name, asked: task.asked, beside: task.beside };
    return this.told.step ? { kind: 'overview', name: this.told.step, asked: false } : null;
  }

  /** The flow's words on the picture that is shown. */
  get capture() {
    return captureOf(this.flow, this.work.name);
  }

  /** `main` or `document`: by which camera the officer, else the flow, wants this picture. */
  cameraFor(name) {
    const asked = this.told.asked_by[name];
    if (asked) this.#askedBy = { name, camera: asked };
    // The server strikes the wish off its list with the first try; the next one is by the same.
    else if (this.#askedBy?.name !== name || this.held() !== name) this.#askedBy = null;
    return this.#askedBy?.camera ?? captureOf(this.flow, name).camera;
  }

  /** How often this picture was taken. */
  triesOf(name) {
    return this.told.pictures.filter(({ capture }) => capture === name).length;
  }

  /** What stands in a field. */
  valueOf(name) {
    return this.#typed.get(name) ?? this.told.drafts[name] ?? this.told.answers[name] ?? '';
  }

  get canGoBack() {
    return this.#before() !== null;
  }

  // --- what the visitor does ----------------------------------------------------------------------

  type(name, value) {
    this.#typed.set(name, value);
    this.#at = name;
    this.#unsent.add(name);
    this.#timer ??= setTimeout(() => this.#sendDrafts(), DRAFT_AFTER_MS);
  }

  async submit(field) {
    if (this.busy) return;
    const value = this.valueOf(field.name).trim();
    const kept = this.told.answers[field.name];
    if (value === '' && field.required) {
      this.complain(field.name, 'text.empty');
      return;
    }
    this.#unsent.delete(field.name);
    if (value === (kept ?? '') && this.problem === null) {
      if (value === '') this.#skipped.add(field.name);
      this.#settle(field.name, kept);
      return;
    }
    await this.#ask({ type: 'submit', field: field.name, value }, field.name, () => {
      this.#settle(field.name, value);
    });
  }

  skip(name) {
    this.#skipped.add(name);
    this.#leave();
  }

  back() {
    this.#turnTo(this.#before());
  }

  /** From the overview to one of its lines. */
  change(name) {
    this.#turnTo(name);
  }

  finishStep() {
    return this.#ask({ type: 'finish_step', step: this.told.step }, null, () => this.#leave());
  }

  sign(width, height) {
    const step = this.task.wanted.name;
    return this.#ask({ type: 'sign', step, width, height, strokes: this.strokes }, 'signature', () => {
      this.strokes = [];
      this.#leave();
    });
  }

  /** A problem that the page itself sees. */
  complain(field, code, values = {}, marked = []) {
    this.problem = { field, code, marked, values };
    this.#draw();
  }

  // --- inside -------------------------------------------------------------------------------------

  async #ask(message, field, done) {
    if (this.busy) return;
    const occupant = this.#occupant;
    this.busy = true;
    this.#draw();
    try {
      await this.#signal.request(message);
      if (occupant !== this.#occupant) return;
      this.problem = null;
      done();
    } catch (failure) {
      if (failure.code === undefined) throw failure;
      if (occupant !== this.#occupant) return;
      // The server tells the visit anew after a lost connection: then what was asked shows.
      if (failure.code !== 'down') {
        const { marked = [], other, limit } = failure.answer ?? {};
        this.problem = { field, code: failure.code, marked, values: { other, limit } };
      }
    } finally {
      if (occupant === this.#occupant) {
        this.busy = false;
        this.#draw();
      }
    }
  }

  /** No answer came in time, and then the server told what it was asked to keep. */
  #keptAfterAll() {
    const { code, field } = this.problem ?? {};
    const kept = this.told?.answers[field];
    if (code === 'timeout' && kept !== undefined && kept === this.valueOf(field).trim()) this.#settle(field, kept);
  }

  /** A field is done with this value. */
  #settle(name, value) {
    if (this.#typed.get(name)?.trim() === value || value === undefined) this.#typed.delete(name);
    this.#leave();
  }

  #leave() {
    this.#at = null;
    this.problem = null;
    this.#draw();
  }

  #turnTo(name) {
    if (name === null) return;
    const from = this.task;
    const kept = this.told.answers[from?.name];
    // A change that was not submitted is taken back: the answer stands.
    if (from?.kind === 'field' && kept !== undefined && this.valueOf(from.name) !== kept) {
      this.type(from.name, kept);
    }
    this.problem = null;
    this.#at = name;
    this.#draw();
  }

  #before() {
    const own = this.tasks.filter(({ asked }) => !asked);
    const { task } = this;
    if (task?.asked) return null;
    const index = task ? own.findIndex(({ name }) => name === task.name) : own.length;
    return own[index - 1]?.name ?? null;
  }

  #sendDrafts() {
    this.#timer = null;
    for (const field of this.#unsent) {
      if (this.told === null) return; // no connection: they go when the visit is told again
      this.#signal.send({ type: 'draft', field, value: this.#typed.get(field) ?? '' });
    }
    this.#unsent.clear();
  }

  #draw() {
    this.revision += 1;
    if (this.told && this.#unsent.size) this.#timer ??= setTimeout(() => this.#sendDrafts(), 0);
    this.#changed();
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#typed.clear();
    this.#unsent.clear();
    this.#skipped.clear();
    this.#at = null;
    this.#askedBy = null;
    this.problem = null;
    this.busy = false;
    this.strokes = [];
  }
}
