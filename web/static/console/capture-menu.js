// A small menu over the focus picture: which picture the visitor is asked for.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { verdict } from './shots.js';
import { allOf, lastPicture, say } from './visit-state.js';

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class CaptureMenu {
  #title = el('p', { role: 'presentation' });
  #list = el('ul', { role: 'none' });
  #items = new Kept(this.#list, (name) => this.#make(name));
  #act;

  /** `act` {askCapture(capture)}. */
  constructor(act) {
    this.#act = act;
    this.node = el('div', { class: 'askmenu', role: 'menu', hidden: true }, this.#title, this.#list);
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

  draw(view) {
    const captures = view ? allOf(view.flow, 'captures') : [];
    if (!captures.length) this.close();
    setText(this.#title, t('capture.title'));
    setAttribute(this.node, 'aria-label', t('capture.title'));
    const items = this.#items.of(captures.map(({ name }) => name));
    captures.forEach((capture, index) => {
      const item = items[index];
      const said = verdict(lastPicture(view.sheet, capture.name), view.sheet.asked.includes(capture.name));
      setIcon(item.sign, said.icon);
      setAttribute(item.button, 'data-tone', said.tone);
      setText(item.name, say(capture.label));
      setText(item.word, said.text);
    });
  }

  #make(name) {
    const item = { sign: iconHolder(), name: el('span'), word: el('small') };
    item.button = el('button', { type: 'button', role: 'menuitem', 'data-capture': name }, item.sign, item.name, item.word);
    item.button.addEventListener('click', () => {
      this.close();
      this.#act.askCapture(name);
    });
    item.node = el('li', { role: 'none' }, item.button);
    return item;
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    const buttons = [...this.node.querySelectorAll('button')];
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
    event.preventDefault();
  }
}
