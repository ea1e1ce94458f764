// Words on the visitor's screen: ready phrases in the visitor's language, or the officer's own.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { language, t, textIn } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';

const PHRASES = ['phrase.1', 'phrase.2', 'phrase.3', 'phrase.4', 'phrase.5', 'phrase.6'];
const LONGEST = 500;
const SIGNS = { sending: 'again', sent: 'msg', read: 'check' };

export class TextToVisitor {
  #act;
  #facts;
  #texts;
  #drafts = new Map(); // occupant -> what was typed and not sent
  #occupant = null;
  #wanted = false; // beside a sheet, this takes room only while it is used
  #titleWord = el('span');
  #title = el('h3', { class: 'sheet__sec' }, icon('msg'), this.#titleWord);
  #intro = el('p', { class: 'words__intro' });
  #quote = el('q');
  #status = el('span', { class: 'num' });
  #statusIcon = iconHolder();
  #back;
  #card;
  #phrases = [];
  #pills;
  #field = el('input', { class: 'note', type: 'text', maxlength: LONGEST, autocomplete: 'off', 'data-name': 'text' });
  #send;

  constructor(act, facts, texts) {
    this.#act = act;
    this.#facts = facts;
    this.#texts = texts;
    this.#back = keyButton('btn--quiet', () => act.sendText(facts.focus, null));
    this.#card = el('div', { class: 'words__sent', role: 'status' },
      this.#quote, el('span', { class: 'words__status' }, this.#statusIcon, this.#status), this.#back.node);
    this.#phrases = PHRASES.map((key) => {
      const node = el('button', { type: 'button', class: 'btn' });
      node.addEventListener('click', () => this.#give(node.textContent));
      return { key, node };
    });
    this.#pills = el('div', { class: 'pills' }, ...this.#phrases.map(({ node }) => node));
    this.#send = keyButton('', () => this.#submit());
    this.body = el('section', { class: 'words' },
      this.#title, this.#card, this.#intro, this.#pills);
    this.foot = el('form', { class: 'sheet__foot' }, this.#field, this.#send.node);
    for (const part of [this.body, this.foot]) {
      part.addEventListener('focusout', ({ relatedTarget }) => {
        if (!relatedTarget || this.body.contains(relatedTarget) || this.foot.contains(relatedTarget)) return;
        this.#wanted = this.#field.value !== '';
        facts.changed();
      });
    }
    this.foot.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** `tile` null: nobody sits in the focused booth. `brief`: only what there is to see or to do now. */
  draw(tile, brief = false) {
    const onAir = tile !== null && this.#facts.known && this.#facts.desk.on_air === tile.slot;
    this.foot.hidden = !onAir;
    if ((tile?.occupant ?? null) !== this.#occupant) this.#changeVisitor(tile?.occupant ?? null);
    this.body.hidden = !tile;
    if (!tile) return;
    const open = !brief || (onAir && (this.#wanted || tile.cannot_hear));
    const status = this.#texts.of(tile)?.status ?? 'read';
    this.body.hidden = !open && status === 'read';
    this.foot.hidden = !onAir || !open;
    this.#title.hidden = this.#texts.of(tile) !== null;
    this.#title.classList.toggle('sheet__sec--note', tile.cannot_hear);
    setText(this.#titleWord, t(tile.cannot_hear && onAir ? 'text.title.deaf' : 'text.title'));
    this.#intro.hidden = onAir || brief;
    setText(this.#intro, t(tile.consented ? 'text.intro' : 'text.intro.consent', { n: tile.slot }));
    this.#pills.hidden = !onAir || !open;
    for (const { key, node } of this.#phrases) {
      setText(node, textIn(tile.language, key));
      setAttribute(node, 'lang', tile.language);
      setAttribute(node, 'title', tile.language === language() ? null : t(key));
    }
    setAttribute(this.#field, 'placeholder', t('text.field', { language: t(`language.${tile.language}`) }));
    setAttribute(this.#field, 'aria-label', t('text.title'));
    this.#send.draw({ icon: 'right', word: t('text.send'), key: '↵' });
    this.#drawSent(tile);
  }

  /** Esc: back to the sheet; what was begun stays for the next time. */
  leave() {
    this.#wanted = false;
  }

  /** Puts the caret into the field; false when there is nobody on air to write to. */
  write() {
    if (this.#occupant === null || this.#facts.desk?.on_air !== this.#facts.focus) return false;
    this.#wanted = true;
    this.body.hidden = this.foot.hidden = false;
    this.#facts.changed();
    this.#field.focus();
    return true;
  }

  #drawSent(tile) {
    const sent = this.#texts.of(tile);
    this.#card.hidden = !sent;
    if (!sent) return;
    setText(this.#quote, sent.text);
    setIcon(this.#statusIcon, SIGNS[sent.status]);
    setAttribute(this.#card, 'data-status', sent.status);
    const time = sent.at === null ? '' : clock(performance.now() - sent.at);
    setText(this.#status, t(`text.${sent.status}`, { time }));
    this.#back.node.hidden = sent.status !== 'sent';
    this.#back.draw({ word: t('text.back') });
  }

  /** What was begun for one visitor never stands in the field for another. */
  #changeVisitor(occupant) {
    if (this.#occupant !== null) this.#drafts.set(this.#occupant, this.#field.value);
    const present = this.#facts.desk?.tiles.map((tile) => tile.occupant) ?? [];
    for (const each of this.#drafts.keys()) if (!present.includes(each)) this.#drafts.delete(each);
    this.#occupant = occupant;
    this.#wanted = false;
    this.#field.value = this.#drafts.get(occupant) ?? '';
  }

  async #submit() {
    const text = this.#field.value.trim();
    if (!text) return;
    const occupant = this.#occupant;
    this.#field.value = '';
    if (await this.#give(text)) return;
    if (this.#occupant === occupant) this.#field.value ||= text;
    else this.#drafts.set(occupant, text);
  }

  #give(text) {
    return this.#act.sendText(this.#facts.focus, text);
  }
}
