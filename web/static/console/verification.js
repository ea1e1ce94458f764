// The work on the focused booth's visit, joined: sheet, pictures, comparison, decision.

import { CaptureMenu } from './capture-menu.js';
import { DecideDialog } from './decide.js';
import { Decisions } from './decisions.js';
import { FlowSheet } from './flow-sheet.js';
import { Notes } from './notes.js';
import { Shots } from './shots.js';
import { who } from './sight.js';
import { VisitCommands } from './visit-commands.js';
import { VisitState } from './visit-state.js';

export class Verification {
  #facts;
  #visits;
  #commands;
  #decisions;
  #compare = null; // loaded when it is first asked for: most visits need it once
  #loading = null;
  #act;
  #work;
  #dialog = null;

  /** `work`: the element that pictures stand before; `end()` asks whether the visit shall end. */
  constructor({ signal, facts, work, end }) {
    this.#work = work;
    this.#facts = facts;
    const changed = () => facts.changed();
    this.#visits = new VisitState(changed);
    this.#decisions = new Decisions(signal, changed);
    const commands = new VisitCommands(signal, facts, this.#visits);
    this.#commands = commands;
    const act = {
      end,
      changed,
      decide: () => this.decide(),
      toggleFlag: (flag) => this.flag(flag),
      look: (capture) => this.compare(capture),
      askCapture: (capture) => {
        if (this.#open) commands.askCapture(this.#open, capture);
      },
      back: () => this.back(),
    };
    for (const name of ['mark', 'markQuestion', 'complete', 'reopen', 'compare', 'judge']) {
      act[name] = (view, ...more) => commands[name](view, ...more);
    }
    this.sheet = new FlowSheet(act, new Notes(signal, facts));
    this.shots = new Shots(act);
    this.menu = new CaptureMenu(act);
    this.#act = act;
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
    this.menu.close();
  }

  /** The visit in the focused booth, as last told; null: none. */
  get view() {
    return this.#visits.of(this.#facts.focus);
  }

  /** True while nothing of the sheet may be changed: its words may be old. */
  get stale() {
    return this.view?.fresh === false;
  }

  /** True while pictures stand before the sheet. */
  get comparing() {
    return this.#compare?.isOpen === true;
  }

  /** `live`: see Compare.draw. */
  draw(live) {
    const { view } = this;
    const tile = this.#facts.tile(this.#facts.focus);
    if (view) this.sheet.draw(view, this.#visits, tile ? who(tile) : '');
    else this.sheet.clear();
    this.shots.draw(view);
    this.menu.draw(this.#open);
    this.#compare?.draw(view, this.#visits, { ...live, who: tile ? this.#who(view, tile) : '' });
    this.#dialog?.draw(view);
  }

  // --- keys and buttons: each acts on the visit that is shown ------------------------------------

  capture() {
    if (this.#open && !this.comparing) this.menu.toggle();
  }

  async compare(capture = null) {
    const visit = this.view?.sheet.visit;
    if (!visit) return;
    try {
      await (this.#loading ??= this.#load());
    } catch {
      this.#loading = null; // no server, and so no pictures either
      this.#visits.refused(visit, 'down');
      return;
    }
    const { view } = this;
    if (view?.sheet.visit !== visit) return; // somebody else is shown by now
    if (this.#compare.open(view, capture)) this.#facts.changed();
    else this.#visits.refused(visit, 'nothing_to_compare');
  }

  async #load() {
    const { Compare } = await import('./compare.js');
    this.#compare = new Compare(this.#act);
    this.#work.append(this.#compare.node);
  }

  back() {
    this.#compare?.close();
    this.#facts.changed();
  }

  judge(good) {
    if (this.comparing) this.#compare.judge(good);
  }

  again() {
    if (this.comparing) this.#compare.again();
  }

  flag(flag) {
    const view = this.#open;
    if (view) this.#commands.flag(view, flag, !view.sheet.flags.includes(flag));
  }

  complete() {
    if (this.#open && !this.comparing) this.sheet.stepDone.press();
  }

  decide() {
    const { view } = this;
    const tile = this.#facts.tile(this.#facts.focus);
    if (!view || !this.#facts.known || this.stale || this.#dialog) return;
    this.#dialog = new DecideDialog(view, this.#decisions, this.#who(view, tile), () => { this.#dialog = null; });
  }

  /** True while the visit shown can be changed. */
  get open() {
    return this.#open !== null;
  }

  get #open() {
    const { view } = this;
    return view && this.#facts.known && view.fresh && view.sheet.decision === null ? view : null;
  }

  #who(view, tile) {
    return view ? who({ ...tile, visitor: view.sheet.visitor ?? tile.visitor }) : who(tile);
  }
}
