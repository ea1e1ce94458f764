// Card beside face beside the living person, over the work area; or one paper alone beside the booth.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { figuresText } from './focus.js';
import { iconHolder, Kept, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { drawFacts, makeFact, Pane } from './pane.js';
import './picture.js';
import { allOf, chosenOf, lastPicture, refusalWords, say } from './visit-state.js';

export class Compare {
  #title = el('h2');
  #hint = el('p');
  #back;
  #panes = [0, 1].map((index) => new Pane({
    use: () => this.#use(index),
    choose: (id) => this.#act.choose(this.#view, id),
    cut: (id, turns, rectangle) => this.#act.cut(this.#view, id, turns, rectangle),
    changed: () => this.#act.changed(),
  }));
  #live = el('vcs-picture');
  #liveWord = el('span');
  #liveList = el('p', { class: 'pane__facts num' });
  #liveFacts = new Kept(this.#liveList, () => makeFact());
  #livePane;
  #grid;
  #icon = iconHolder();
  #note = el('span');
  #again;
  #no;
  #yes;
  #visit = null; // whose pictures are compared; null: closed
  #captures = []; // one name, or those of a card and a face
  #chosen = 0;
  #view = null;
  #act;
  #before = null;

  /** `act` {back(), changed(), compare(view, card, face, same), judge(view, picture, accepted),
   *  cut(view, picture, turns, rectangle), choose(view, picture)}. */
  constructor(act) {
    this.#act = act;
    this.#back = keyButton('btn--quiet', () => act.back());
    this.#again = keyButton('', () => this.again());
    this.#no = keyButton('', () => this.judge(false));
    this.#yes = keyButton('btn--main', () => this.judge(true));
    for (const [name, { node }] of [['again', this.#again], ['no', this.#no], ['yes', this.#yes]]) node.dataset.name = name;
    this.#livePane = el('figure', { class: 'pane' },
      el('div', { class: 'pane__pic' }, this.#live, el('figcaption', { class: 'pane__name' }, icon('cam'), this.#liveWord)), this.#liveList);
    this.#grid = el('div', { class: 'compare__grid' }, ...this.#panes.map(({ node }) => node), this.#livePane);
    this.node = el('section', { class: 'compare', hidden: true },
      el('header', { class: 'compare__head' }, this.#title, this.#hint, this.#back.node), this.#grid,
      el('footer', { class: 'compare__foot' }, el('p', { role: 'status' }, this.#icon, this.#note), this.#again.node, this.#no.node, this.#yes.node));
  }

  get isOpen() {
    return this.#visit !== null;
  }

  /** Opens it at this capture; none: at the first card and face. False: there is no picture yet. */
  open(view, capture = null) {
    const pair = ['card', 'face'].map((subject) => firstTaken(view, subject, capture));
    const one = allOf(view.flow, 'captures').find(({ name }) => name === capture);
    if (one && (one.subject === 'document' || pair.includes(null))) this.#captures = [capture];
    else if (pair.includes(null)) return false;
    else this.#captures = pair;
    this.#chosen = Math.max(0, capture === null ? 1 : this.#captures.indexOf(capture));
    this.#visit = view.sheet.visit;
    this.#before = document.activeElement;
    this.#view = view;
    return true;
  }

  close() {
    if (!this.isOpen) return;
    const inside = this.node.contains(document.activeElement);
    this.#visit = null;
    this.#live.show(null);
    this.node.hidden = true;
    setText(this.#hint, '');
    for (const pane of this.#panes) pane.clear();
    if (inside && this.#before?.isConnected) this.#before.focus();
  }

  /** `stream`: the booth's picture, null: none; `heldBack`: the server sends none for now. */
  draw(view, visits, { stream, heldBack, who, onAir }) {
    if (view?.sheet.visit !== this.#visit) this.close(); // somebody else is shown now
    this.node.hidden = !this.isOpen;
    if (!this.isOpen) return;
    this.#view = view;
    const { sheet, flow } = view;
    const captures = this.#captures.map((name) => allOf(flow, 'captures').find((each) => each.name === name));
    setAttribute(this.node, 'aria-label', t('compare.title'));
    setAttribute(this.#grid, 'data-panes', captures.length);
    setText(this.#title, captures.length === 2 ? t('compare.title') : say(captures[0].label));
    setText(this.#hint, [who, sheet.ticket].filter(Boolean).join(' · '));
    this.#back.draw({ word: t('compare.back'), key: this.#editing ? null : 'X' });
    this.#panes.forEach((pane, index) => {
      const capture = captures[index];
      pane.node.hidden = !capture;
      if (!capture) return;
      pane.draw(capture, sheet, lastPicture(sheet, capture.name), {
        asked: sheet.asked.includes(capture.name),
        chosen: captures.length === 2 && index === this.#chosen,
        off: sheet.decision !== null || !view.fresh,
      });
    });
    this.#live.show(stream);
    this.#live.draw(heldBack);
    const { figures } = this.#live;
    setText(this.#liveWord, t('compare.live'));
    drawFacts(this.#liveFacts, [
      { icon: onAir ? 'ear' : 'earoff', tone: null, text: t(onAir ? 'focus.hears' : 'focus.deaf') },
      { icon: figures ? 'check' : 'wait', tone: figures ? 'good' : null, text: figures ? figuresText(figures) : t('focus.no_picture') },
    ]);
    this.#drawFoot(captures, visits);
  }

  /** Same person or not; of one picture alone: it will do or not. */
  judge(good) {
    const { sheet } = this.#view;
    if (!this.isOpen || sheet.decision || !this.#view.fresh || this.#editing) return;
    const [first, second] = this.#captures.map((name) => lastPicture(sheet, name));
    if (second) this.#act.compare(this.#view, chosenOf(sheet, first), chosenOf(sheet, second), good);
    else this.#act.judge(this.#view, first.id, good);
  }

  /** The chosen picture will not do: the booth asks for another one. */
  again() {
    const { sheet } = this.#view;
    const name = this.#captures[this.#chosen];
    if (!this.isOpen || sheet.decision || !this.#view.fresh || sheet.asked.includes(name)) return;
    this.#act.judge(this.#view, lastPicture(sheet, name).id, false);
  }

  /** `how`: left, right, crop, larger or smaller. */
  edit(how) {
    const pane = this.#panes[this.#chosen];
    if (how === 'left' || how === 'right') pane.turn(how === 'left' ? -1 : 1);
    else if (how === 'crop') pane.crop();
    else pane.zoom(how === 'larger');
  }

  /** True when something was being turned or cut. */
  leaveCut() {
    return this.#panes.map((pane) => pane.leave()).includes(true);
  }

  #use(index) {
    if (!this.isOpen || this.#chosen === index) return;
    this.#chosen = index;
    this.#act.changed();
  }

  /** Something that is not kept stands in sight: nothing is judged by that. */
  get #editing() {
    return this.#panes.some((pane) => pane.editing);
  }

  #drawFoot(captures, visits) {
    const { sheet, fresh } = this.#view;
    const two = captures.length === 2;
    const off = sheet.decision !== null || !fresh || this.#editing;
    const chosen = captures[this.#chosen];
    const asked = sheet.asked.includes(chosen.name);
    const accepted = two ? sheet.compared : lastPicture(sheet, chosen.name).accepted;
    const code = visits.refusal(sheet.visit);
    setIcon(this.#icon, code ? 'alert' : null);
    setAttribute(this.#note.parentNode, 'data-tone', code ? 'bad' : null);
    const done = two && accepted !== null ? `compare.${accepted ? 'same' : 'other'}.done` : 'compare.note';
    setText(this.#note, code ? refusalWords(code) : t(done));
    this.#again.draw({ icon: 'shot', word: t(asked ? 'compare.asked' : 'compare.again', { what: say(chosen.label) }), key: 'R', off: off || asked });
    this.#no.node.hidden = !two;
    this.#no.draw({ icon: 'cross', word: t('compare.other'), key: '−', off, pressed: String(accepted === false) });
    this.#yes.draw({ icon: 'check', word: t(two ? 'compare.same' : 'compare.accept'), key: '+', off, pressed: String(accepted === true) });
  }
}

/** Name of the first capture of this subject that has a picture; the wanted one before all others. */
function firstTaken({ flow, sheet }, subject, wanted) {
  const taken = allOf(flow, 'captures').filter((each) => each.subject === subject && lastPicture(sheet, each.name));
  return (taken.find(({ name }) => name === wanted) ?? taken[0])?.name ?? null;
}
