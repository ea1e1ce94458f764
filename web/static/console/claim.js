// What a claim is worked on with beyond a plain talk: the visitor's data, the interview, and pictures,
// asked for and compared. Loaded with the first visit whose flow has any of these.

import { CaptureMenu } from './capture-menu.js';
import { dialogBars } from './dialog.js';
import { Interview } from './interview.js';
import { Part } from './part.js';
import { SheetRows } from './sheet-rows.js';
import { Shots } from './shots.js';

export class Claim {
  #checking;
  #act;
  #work;
  #pictures;
  #compare = null;

  /** `checking`: the Verification; `act`: what its parts do; `work`: the element that pictures stand
   *  before. */
  constructor(checking, act, facts, work) {
    this.#checking = checking;
    this.#act = act;
    this.#work = work;
    this.#pictures = new Part(facts, 'console/compare.js', 'compare.css'); // most visits need it once
    this.rows = new SheetRows();
    this.interview = new Interview(act);
    this.shots = new Shots(act);
    this.menu = new CaptureMenu(act);
  }

  /** True while pictures stand before the sheet. */
  get comparing() {
    return this.#compare?.isOpen === true;
  }

  /** `open`: pictures may be asked for; `document`: state of the booth's camera for papers; `live`: see
   *  Compare.draw. What stands on the sheet is drawn by it. */
  draw(view, visits, { open, document, live }) {
    this.shots.draw(view);
    this.menu.draw(open ? view : null, document);
    this.#compare?.draw(view, visits, live);
  }

  // --- keys and buttons: each acts on the visit that is shown ------------------------------------

  capture() {
    if (this.#checking.open && !this.comparing) this.menu.toggle();
  }

  async compare(capture = null) {
    const visit = this.#checking.view?.sheet.visit;
    const part = visit && (await this.#pictures.ask());
    if (!part) return;
    const { view } = this.#checking;
    if (view?.sheet.visit !== visit || dialogBars()) return; // something else is shown by now
    if (!this.#compare) {
      this.#compare = new part.Compare(this.#act);
      this.#work.append(this.#compare.node);
    }
    if (this.#compare.open(view, capture)) this.#act.changed();
    else this.#act.refused(visit, 'nothing_to_compare');
  }

  /** One step: from what is being cut to the picture, from the pictures to the sheet. */
  back() {
    if (!this.leaveCut()) this.close();
  }

  /** True when a picture was being turned or cut. */
  leaveCut() {
    return this.comparing && this.#compare.leaveCut();
  }

  /** Turns, cuts or enlarges the picture that the keys are about. */
  edit(how) {
    if (this.comparing) this.#compare.edit(how);
  }

  close() {
    this.#compare?.close();
    this.#act.changed();
  }

  judge(good) {
    if (this.comparing) this.#compare.judge(good);
  }

  again() {
    if (this.comparing) this.#compare.again();
  }
}
