// A small menu over the focus picture: which picture the visitor is asked for.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { verdict } from './shots.js';
import { allOf, lastPicture, say } from './visit-state.js';

const STEPS = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 };
const HERE = new Set(['off', 'ok']);

export class CaptureMenu {
  #title = el('p', { role: 'presentation' });
  #cameras = el('p', { class: 'askmenu__cameras', role: 'presentation' });
  #list = el('ul', { role: 'none' });
  #items = new Kept(this.#list, (name) => this.#make(name));
  #act;

  /** `act` {askCapture(capture, camera)}; `camera` null: the flow's. */
  constructor(act) {
    this.#act = act;
    this.node = el('div', { class: 'askmenu', role: 'menu', hidden: true }, el('div', { class: 'askmenu__head', role: 'presentation' }, this.#title, this.#cameras), this.#list);
    this.node.addEventListener('keydown', (event) => this.#key(event));
    this.node.addEventListener('focusout', ({ relatedTarget }) => {
      if (!this.node.contains(relatedTarget)) this.close();
    });
  }

  /** Opens it with the first item focused, or closes it. */
  toggle() {
    const was = this.node.hidden;
    this.close();
    if (!was) return;
    this.node.hidden = false;
    this.node.querySelector('button')?.focus();
  }

  close() {
    if (this.node.hidden) return;
    const inside = this.node.contains(document.activeElement);
    this.node.hidden = true;
    if (inside) document.activeElement.blur();
  }

  /** `document`: state of the booth's camera for papers, by its own word. */
  draw(view, document) {
    const two = HERE.has(document);
    const captures = view ? allOf(view.flow, 'captures') : [];
    if (!captures.length) this.close();
    setText(this.#title, t('capture.title'));
    setAttribute(this.node, 'aria-label', t('capture.title'));
    setText(this.#cameras, t(`capture.document.${document}`));
    setAttribute(this.#cameras, 'data-document', document);
    const items = this.#items.of(captures.map(({ name }) => name));
    captures.forEach((capture, index) => {
      const item = items[index];
      const said = verdict(lastPicture(view.sheet, capture.name), view.sheet.asked.includes(capture.name));
      setIcon(item.sign, said.icon);
      setAttribute(item.button, 'data-tone', said.tone);
      setText(item.name, say(capture.label));
      setText(item.word, said.text);
      const other = capture.camera === 'document' ? 'main' : 'document';
      item.other.hidden = !two;
      item.other.dataset.camera = other;
      setIcon(item.otherSign, other === 'main' ? 'cam' : 'doc');
      setText(item.otherWord, t(`capture.by.${other}`));
      setAttribute(item.other, 'aria-label', `${say(capture.label)}: ${t(`capture.by.${other}`)}`);
    });
  }

  #make(name) {
    const item = { sign: iconHolder(), name: el('span'), word: el('small') };
    item.button = el('button', { type: 'button', role: 'menuitem', 'data-capture': name }, item.sign, item.name, item.word);
    item.button.addEventListener('click', () => {
      this.close();
      this.#act.askCapture(name);
    });
    item.otherSign = iconHolder();
    item.otherWord = el('span');
    item.other = el('button', { type: 'button', role: 'menuitem', class: 'askmenu__other', hidden: true }, item.otherSign, item.otherWord);
    item.other.addEventListener('click', () => {
      this.close();
      this.#act.askCapture(name, item.other.dataset.camera);
    });
    item.node = el('li', { role: 'none' }, item.button, item.other);
    return item;
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    const buttons = [...this.node.querySelectorAll('button:not([hidden])')];
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
    event.preventDefault();
  }
}
