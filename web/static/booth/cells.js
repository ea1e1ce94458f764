// A number in cells, one for each digit: typed over where the cursor stands, so that marked digits
// are corrected in their places.

import { t } from '../i18n.js';
import { el } from '../element.js';

// `groups`: how many cells stand together. `most`: for numbers of no fixed length, which get as
// many groups of four as they need. `least`: fewer digits are none.
const SHAPES = {
  nik: { groups: [4, 4, 4, 4] },
  membership: { groups: [4, 4, 3] },
  date: { groups: [2, 2, 4], names: ['date.day', 'date.month', 'date.year'] },
  phone: { most: 15, least: 10 },
  bank_account: { most: 18, least: 8 },
};
// Where the digits of a date lie in YYYY-MM-DD.
const DATE_PLACES = [8, 9, 5, 6, 0, 1, 2, 3];

export const CELL_TYPES = new Set(Object.keys(SHAPES));

/** The digits to show of a value: of a date as day, month, year. */
export function digitsOf(type, value) {
  const iso = type === 'date' && /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  return iso ? iso[3] + iso[2] + iso[1] : value.replace(/\D/g, '');
}

/** The value that these digits make; a date that is not whole yet stays as it is typed. */
export function valueOf(type, digits) {
  if (type !== 'date') return digits;
  const parts = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)];
  return digits.length === 8 ? parts.reverse().join('-') : parts.filter(Boolean).join('/');
}

/** `changed` gets the value after each touch. */
export class Cells {
  node = el('div', { class: 'cells num', role: 'status' });
  #type;
  #shape;
  #most;
  #digits;
  #cursor;
  #marked;
  #changed;

  constructor(type, value, marked, changed) {
    this.#type = type;
    this.#shape = SHAPES[type];
    this.#most = this.#shape.most ?? this.#shape.groups.reduce((a, b) => a + b);
    this.#digits = digitsOf(type, value).slice(0, this.#most);
    const places = type === 'date' ? marked.map((place) => DATE_PLACES.indexOf(place)) : marked;
    this.#marked = new Set(places.filter((place) => place >= 0 && place < this.#digits.length));
    this.#cursor = this.#marked.size ? Math.min(...this.#marked) : this.#digits.length;
    this.#changed = changed;
    this.node.dataset.type = type;
    this.#draw();
  }

  /** How many digits are wanted at least and not there yet. */
  get missing() {
    return Math.max(0, (this.#shape.least ?? this.#most) - this.#digits.length);
  }

  add(digit) {
    if (this.#cursor >= this.#most) return;
    const rest = this.#digits.slice(this.#cursor + 1);
    this.#marked.delete(this.#cursor);
    this.#set(this.#digits.slice(0, this.#cursor) + digit + rest, this.#cursor + 1);
    // On to the next wrong one: those between are right.
    const next = [...this.#marked].filter((place) => place >= this.#cursor);
    if (next.length) this.moveTo(Math.min(...next));
  }

  erase() {
    if (this.#cursor === 0) return;
    this.#marked.clear(); // what follows has moved
    const at = this.#cursor - 1;
    this.#set(this.#digits.slice(0, at) + this.#digits.slice(at + 1), at);
  }

  clear() {
    this.#marked.clear();
    this.#set('', 0);
  }

  moveTo(place) {
    this.#cursor = Math.max(0, Math.min(place, this.#digits.length));
    this.#draw();
  }

  /** A key of a keyboard; true when it was for the cells. */
  press(key) {
    if (/^[0-9]$/.test(key)) this.add(key);
    else if (key === 'Backspace') this.erase();
    else if (key === 'Delete') this.clear();
    else if (key === 'ArrowLeft') this.moveTo(this.#cursor - 1);
    else if (key === 'ArrowRight') this.moveTo(this.#cursor + 1);
    else return false;
    return true;
  }

  #set(digits, cursor) {
    this.#digits = digits;
    this.#cursor = cursor;
    this.#draw();
    this.#changed(valueOf(this.#type, digits));
  }

  #groups() {
    if (this.#shape.groups) return this.#shape.groups;
    const wanted = Math.min(this.#most, Math.max(this.#shape.least, this.#digits.length + 1));
    const groups = Array(Math.floor(wanted / 4)).fill(4);
    return wanted % 4 ? [...groups, wanted % 4] : groups;
  }

  #draw() {
    let place = 0;
    const groups = this.#groups().map((size, index) => {
      const group = el('span', {});
      for (const end = place + size; place < end; place += 1) group.append(this.#cell(place));
      const name = this.#shape.names?.[index];
      return name ? el('div', { class: 'cells__part' }, group, el('small', {}, t(name))) : group;
    });
    this.node.setAttribute('aria-label', [...this.#digits].join(' ') || t('cells.empty'));
    this.node.replaceChildren(...groups);
  }

  #cell(place) {
    const kinds = [
      this.#marked.has(place) ? 'is-bad' : '',
      place === this.#cursor ? 'is-now' : '',
    ].filter(Boolean);
    const onclick = () => this.moveTo(place);
    return el('i', { class: kinds.join(' ') || null, onclick }, this.#digits[place] ?? '');
  }
}
