// What the server has told of visits: the flows, and the sheet of each booth that was in focus.

import { language, t } from '../i18n.js';

const REFUSAL_SHOWN_MS = 6000;

export class VisitState {
  #flows = new Map(); // name -> flow
  #sheets = new Map(); // slot -> the last sheet told of it
  #fresh = null; // the slot whose sheet the server keeps up to date
  #asked = new Set(); // "visit control": sent, not yet acknowledged
  #refusal = null; // {visit, code, until}
  #changed;

  /** `changed()` is called when the page is to be drawn again. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** {slot, sheet, flow, fresh} of the visit in a booth; null: none runs there, as far as told.
   *  Not `fresh`: another booth's sheet came since, and this one may be old. */
  of(slot) {
    const sheet = this.#sheets.get(slot);
    const flow = sheet && this.#flows.get(sheet.flow);
    return flow ? { slot, sheet, flow, fresh: this.#fresh === slot } : null;
  }

  toldFlow({ flow }) {
    this.#flows.set(flow.name, flow);
    this.#changed();
  }

  toldSheet(sheet) {
    this.#fresh = sheet.slot;
    if (sheet.visit === null) this.#sheets.delete(sheet.slot);
    else this.#sheets.set(sheet.slot, sheet);
    this.#changed();
  }

  /** Nothing of a visitor who has gone is kept. */
  toldDesk(desk) {
    for (const tile of desk.tiles) if (tile.occupant === null) this.#sheets.delete(tile.slot);
  }

  /** What was told can still be read, until it is told again. */
  lost() {
    this.#fresh = null;
  }

  /** True while the command that this control gave is on its way. */
  isAsked(visit, control) {
    return this.#asked.has(`${visit} ${control}`);
  }

  ask(visit, control) {
    this.#asked.add(`${visit} ${control}`);
    this.#refusal = null;
    this.#changed();
  }

  settled(visit, control) {
    this.#asked.delete(`${visit} ${control}`);
    this.#changed();
  }

  refused(visit, code) {
    this.#refusal = { visit, code, until: performance.now() + REFUSAL_SHOWN_MS };
    this.#changed();
  }

  /** Code of what was refused a moment ago about this visit, or null. */
  refusal(visit) {
    const last = this.#refusal;
    return last?.visit === visit && performance.now() < last.until ? last.code : null;
  }
}

/** A flow's text in the page's language. */
export function say(words) {
  return words[language()];
}

/** All of one kind (`fields`, `captures`, `checks`) of a flow, in order. */
export function allOf(flow, kind) {
  return flow.steps.flatMap((step) => step[kind]);
}

/** The picture that counts for a capture: the last one taken; null: none. */
export function lastPicture(sheet, capture) {
  return sheet.pictures.filter((picture) => picture.capture === capture).at(-1) ?? null;
}

/** The original of a picture and what was cut out of it: [{id, number, width, height, turns,
 *  rectangle, chosen}]. The original first, number 0; `chosen`: the one that is looked at. */
export function versionsOf(sheet, { id, width, height }) {
  const at = sheet.chosen[id] ?? id;
  const original = { id, width, height, quarter_turns: 0, rectangle: [0, 0, width, height] };
  return [original, ...sheet.derived.filter(({ of }) => of === id)].map((each, number) => (
    { id: each.id, number, width: each.width, height: each.height, turns: each.quarter_turns, rectangle: each.rectangle, chosen: each.id === at }
  ));
}

/** Id of what is looked at for a picture. */
export function chosenOf(sheet, { id }) {
  return sheet.chosen[id] ?? id;
}

/** The step that waits for the officer now, or null. */
export function attendedStep({ sheet, flow }) {
  const step = flow.steps.find(({ name }) => name === sheet.step);
  return step?.attended && sheet.decision === null ? step : null;
}

/** What keeps a claim from being approved: [{reason, what}], reason a text of `lacks.<reason>`. */
export function notApprovable({ sheet, flow }) {
  const step = flow.steps.find(({ name }) => name === sheet.step);
  const checks = allOf(flow, 'checks');
  const asked = allOf(flow, 'captures').filter(({ name }) => sheet.asked.includes(name));
  return [
    ...(step ? [{ reason: 'step', what: say(step.title) }] : []),
    ...asked.map(({ label }) => ({ reason: 'asked', what: say(label) })),
    ...checks.filter(({ name }) => sheet.marks[name] === false).map(({ label }) => ({ reason: 'failed', what: say(label) })),
    ...checks.filter(({ name }) => !(name in sheet.marks)).map(({ label }) => ({ reason: 'unchecked', what: say(label) })),
  ];
}

/** Why the server refused something about a visit. */
export function refusalWords(code) {
  for (const key of [`visit.refused.${code}`, `refused.${code}`]) {
    if (t(key) !== key) return t('visit.refused', { reason: t(key) });
  }
  return t('visit.refused', { reason: t('refused.other') });
}
