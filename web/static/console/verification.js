// The work on the focused booth's visit, joined: sheet, steps, decision, a colleague's desk. What a
// claim needs beyond a plain talk is loaded with the first one.

import { Decisions } from './decisions.js';
import { dialogBars } from './dialog.js';
import { FlowSheet } from './flow-sheet.js';
import { Notes } from './notes.js';
import { Part } from './part.js';
import { who } from './sight.js';
import { VisitCommands } from './visit-commands.js';
import { allOf, VisitState } from './visit-state.js';

const OF_CLAIMS = ['fields', 'captures', 'questions'];
const SHEET_WITHIN_MS = 3000;
const SHEET_LOOK_MS = 50;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Verification {
  claim = null; // a Claim once it is loaded: the keys that are about its parts do nothing before
  #facts;
  #visits;
  #commands;
  #decisions;
  #handOvers;
  #focus;
  #make;
  #claims;
  #deciding;
  #decideDialog = null; // while it stands
  #handing;
  #handOverDialog = null;

  /** `work`: the element that pictures stand before; `end()` asks whether the visit shall end;
   *  `focus(slot)`; `join(claim)` gives the parts of a Claim their places. */
  constructor({ signal, facts, handOvers, work, end, focus, join }) {
    this.#facts = facts;
    this.#handOvers = handOvers;
    this.#focus = focus;
    const changed = () => facts.changed();
    this.#visits = new VisitState(changed);
    this.#decisions = new Decisions(signal, changed);
    const commands = new VisitCommands(signal, facts, this.#visits);
    this.#commands = commands;
    this.#claims = new Part(facts, 'console/claim.js', 'claim.css');
    this.#deciding = new Part(facts, 'console/decide.js');
    this.#handing = new Part(facts, 'console/hand-over.js');
    const act = {
      end,
      handOver: () => this.handOver(),
      changed,
      refused: (visit, code) => this.#visits.refused(visit, code),
      decide: () => this.decide(),
      toggleFlag: (flag) => this.flag(flag),
      look: (capture) => this.claim.compare(capture),
      askCapture: (capture, camera) => {
        if (this.#open) commands.askCapture(this.#open, capture, camera);
      },
      back: () => this.claim.close(),
    };
    for (const name of ['mark', 'markQuestion', 'complete', 'reopen', 'compare', 'judge', 'cut', 'choose']) {
      act[name] = (view, ...more) => commands[name](view, ...more);
    }
    this.sheet = new FlowSheet(act, new Notes(signal, facts));
    this.#make = ({ Claim }) => {
      this.claim = new Claim(this, act, facts, work);
      this.sheet.join(this.claim);
      join(this.claim);
    };
  }

  /** True when the message was about a visit. */
  told(message) {
    if (message.type === 'flow') this.#visits.toldFlow(message);
    else if (message.type === 'sheet') this.#visits.toldSheet(message);
    else return false;
    return true;
  }

  /** `first`: of this connection. */
  toldDesk(desk, first) {
    this.#visits.toldDesk(desk);
    this.#decisions.told(desk);
    if (first) this.#decisions.resend();
  }

  lost() {
    this.#visits.lost();
    this.claim?.menu.close();
  }

  /** The visit in the focused booth, as last told, once all that it needs is here; null: none. */
  get view() {
    const view = this.#visits.of(this.#facts.focus);
    return view && (this.claim || !isClaim(view)) ? view : null;
  }

  /** True when a claim is in focus, and what it needs could not be had yet. */
  get away() {
    return this.#claims.away && !this.view && this.#visits.of(this.#facts.focus) !== null;
  }

  /** True while nothing of the sheet may be changed: its words may be old. */
  get stale() {
    return this.view?.fresh === false;
  }

  /** True while the visit shown can be changed. */
  get open() {
    return this.#open !== null;
  }

  /** `live`: see Compare.draw. */
  draw(live) {
    const told = this.#visits.of(this.#facts.focus);
    const part = !this.claim && told && isClaim(told) ? this.#claims.now() : null;
    if (part) this.#make(part);
    const { view } = this;
    const tile = this.#tile;
    if (view) this.sheet.draw(view, this.#visits, tile ? who(tile) : '');
    else this.sheet.clear();
    this.claim?.draw(view, this.#visits, {
      open: this.open, document: tile?.document ?? 'missing', live: { ...live, who: tile ? this.#who(view, tile) : '' },
    });
    this.#decideDialog?.draw(view);
    this.#handOverDialog?.follow(view?.sheet ?? null, tile);
  }

  // --- keys and buttons: each acts on the visit that is shown ------------------------------------

  flag(flag) {
    const view = this.#open;
    if (view) this.#commands.flag(view, flag, !view.sheet.flags.includes(flag));
  }

  complete() {
    if (this.#open && !this.claim?.comparing) this.sheet.stepDone.press();
  }

  async decide() {
    const before = this.#place;
    const part = before && (await this.#deciding.ask());
    if (!part || this.#place?.visit !== before.visit) return; // something else is shown by now
    const { view } = this;
    this.#decideDialog = new part.DecideDialog(view, this.#decisions, this.#who(view, this.#tile), () => { this.#decideDialog = null; });
  }

  /** Offers the visit shown to a colleague, or takes the offer back. */
  async handOver() {
    const place = this.#tile?.consented ? this.#place : null;
    const part = place && (await this.#handing.ask());
    if (!part || this.#place?.visit !== place.visit) return;
    const tile = this.#tile;
    if (tile.offered_to) part.askWithdraw(this.#handOvers, place, who(tile), tile.offered_to.officer);
    else this.#handOverDialog = part.askHandOver(this.#handOvers, place, who(tile), () => { this.#handOverDialog = null; });
  }

  /** The same for another booth than the focused one, as soon as its sheet is here. */
  async handOverAt(slot) {
    this.#focus(slot);
    for (const begun = performance.now(); performance.now() - begun < SHEET_WITHIN_MS; await pause(SHEET_LOOK_MS)) {
      const { view } = this;
      if (this.#facts.focus === slot && view?.fresh && view.sheet.slot === slot) return this.handOver();
    }
    this.#facts.refused('day', slot, 'another_visit');
    return undefined;
  }

  get #tile() {
    return this.#facts.tile(this.#facts.focus);
  }

  get #open() {
    const { view } = this;
    return view && this.#facts.known && view.fresh && view.sheet.decision === null ? view : null;
  }

  /** {slot, visit} of the visit shown while a dialog about it may open, else null. */
  get #place() {
    const { view } = this;
    if (!this.#facts.known || !view?.fresh || dialogBars()) return null;
    return { slot: view.sheet.slot, visit: view.sheet.visit };
  }

  #who(view, tile) {
    return view ? who({ ...tile, visitor: view.sheet.visitor ?? tile.visitor }) : who(tile);
  }
}

/** There is more to its flow than talks and the officer's check list. */
function isClaim({ flow }) {
  return OF_CLAIMS.some((kind) => allOf(flow, kind).length > 0);
}
