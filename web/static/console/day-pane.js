// What stands in place of focus and sheet while the officer is on a break, closes the desk, or has
// closed it; and wrap-up. What is seen of it is loaded when the first of these is wanted.

import { el } from '../element.js';
import { dialogBars } from './dialog.js';
import { setAttribute } from './paint.js';
import { Part } from './part.js';

export class DayPane {
  #node = el('div', { class: 'day', hidden: true });
  #work;
  #facts;
  #commands;
  #act;
  #part;
  #faces = null;
  #wrapUp = null;
  #face = null;
  #aside = false; // closing goes on, and the officer works at a booth meanwhile
  #counted = ''; // what the tally was last asked for
  #counting = false;

  /** `work`: the element that it stands in; `act`: of the faces and of wrap-up. */
  constructor(work, facts, commands, act) {
    this.#work = work;
    this.#facts = facts;
    this.#commands = commands;
    this.#act = act;
    this.#part = new Part(facts, 'console/day.js', 'day.css');
    work.append(this.#node);
  }

  draw() {
    const wanted = this.#wanted();
    if (!this.#faces && (wanted || this.#facts.day?.wrap_ups.length)) this.#make(this.#part.now());
    const face = this.#faces ? wanted : null; // until it is here the booths are to be seen
    if (face !== this.#face) {
      this.#face = face;
      this.#node.replaceChildren(...(face ? [this.#faces[face].node] : []));
      setAttribute(this.#node, 'data-face', face);
      // Not on a button: the key that led here may still be down.
      if (face) this.#node.querySelector('h2').focus();
    }
    this.#node.hidden = face === null;
    this.#work.classList.toggle('is-day', face !== null);
    if (face) this.#faces[face].draw(this.#facts);
    this.#wrapUp?.draw();
    this.#count();
  }

  /** Wrap-up of the booth in focus is wanted (again). */
  wrapUp() {
    this.#wrapUp?.show();
  }

  /** Asks for how long a break shall be. */
  async askBreak() {
    const part = await this.#part.ask();
    const { known, day } = this.#facts;
    if (!part || !known || day?.pause || day?.status === 'closed' || dialogBars()) return; // meanwhile
    part.askBreak(this.#facts, (minutes) => this.#commands.beginBreak(minutes));
  }

  #make(part) {
    if (!part) return;
    const { BreakFace, ClosedFace, ClosingFace, WrapUp } = part;
    const act = this.#act;
    this.#faces = { pause: new BreakFace(act), closing: new ClosingFace(act), closed: new ClosedFace(act) };
    this.#wrapUp = new WrapUp(this.#facts, this.#commands, act);
  }

  /** The officer turns to a booth. */
  stepAside() {
    this.#aside = true;
  }

  /** Back to the list of who is left. */
  stepForward() {
    this.#aside = false;
  }

  #wanted() {
    const { day } = this.#facts;
    if (!day) return null;
    if (day.status !== 'closing') this.#aside = false;
    if (day.pause) return 'pause';
    if (day.status === 'open') return null;
    if (day.status === 'closed') return 'closed';
    const { desk } = this.#facts;
    if (this.#facts.occupied.length === 0) this.#aside = this.#aside && desk?.on_air !== null;
    return this.#aside ? null : 'closing';
  }

  /** The tally is asked for when it is to be seen, and again when somebody has gone. */
  #count() {
    const { day, known } = this.#facts;
    if (!known || !day || day.status === 'open') {
      this.#counted = '';
      return;
    }
    const count = `${day.status} ${this.#facts.occupied.length}`;
    if (count === this.#counted || this.#counting) return;
    this.#counted = count;
    this.#counting = true;
    this.#commands.tally().finally(() => { this.#counting = false; });
  }
}
