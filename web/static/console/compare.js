// Card beside face beside the living person, over the work area; or one paper alone beside the booth.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { refusalWords } from './flow-sheet.js';
import { figuresText } from './focus.js';
import { iconHolder, Kept, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { drawFacts, makeFact, Pane } from './pane.js';
import './picture.js';
import { allOf, lastPicture, say } from './visit-state.js';

export class Compare {
  #title = el('h2');
  #hint = el('p');
  #back;
  #panes = [new Pane(() => this.#choose(0)), new Pane(() => this.#choose(1))];
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

  /** `act` {back(), compare(view, card, face, same), judge(view, picture, accepted)}. */
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
    this.#back.draw({ word: t('compare.back'), key: 'X' });
    this.#panes.forEach((pane, index) => {
      const capture = captures[index];
      pane.node.hidden = !capture;
      if (capture) pane.draw(capture, lastPicture(sheet, capture.name), sheet.asked.includes(capture.name), captures.length === 2 && index === this.#chosen);
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
    if (!this.isOpen || sheet.decision || !this.#view.fresh) return;
    const [first, second] = this.#captures.map((name) => lastPicture(sheet, name));
    if (second) this.#act.compare(this.#view, first.id, second.id, good);
    else this.#act.judge(this.#view, first.id, good);
  }

  /** The chosen picture will not do: the booth asks for another one. */
  again() {
    const { sheet } = this.#view;
    const name = this.#captures[this.#chosen];
    if (!this.isOpen || sheet.decision || !this.#view.fresh || sheet.asked.includes(name)) return;
    this.#act.judge(this.#view, lastPicture(sheet, name).id, false);
  }

  #choose(index) {
    if (!this.isOpen || this.#chosen === index) return;
    this.#chosen = index;
    this.#act.changed();
  }

  #drawFoot(captures, visits) {
    const { sheet, fresh } = this.#view;
    const two = captures.length === 2;
    const off = sheet.decision !== null || !fresh;
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
