// What the officer's day came to, as the server added it up last.

import { el } from '../element.js';
import { dateLocale, t } from '../i18n.js';
import { clock } from './age.js';
import { Kept, setText } from './paint.js';

const SUMS = ['visits', 'approved', 'pending', 'rejected', 'handed_over', 'talk_s', 'longest_wait_s', 'break_s'];

export class TallyPanel {
  #title = el('h2');
  #date = el('p');
  #list = el('dl', { class: 'sums' });
  #sums;

  constructor() {
    this.#sums = new Kept(this.#list, () => {
      const sum = { key: el('dt'), value: el('dd', { class: 'num' }) };
      sum.node = el('div', {}, sum.key, sum.value);
      return sum;
    });
    this.node = el('section', { class: 'panel', 'data-name': 'tally' }, this.#title, this.#date, this.#list);
  }

  /** `tally` null: not told yet. */
  draw(tally) {
    setText(this.#title, t('tally'));
    setText(this.#date, tally ? dayWords(tally.date) : t('tally.coming'));
    const sums = this.#sums.of(SUMS);
    SUMS.forEach((name, index) => {
      setText(sums[index].key, t(`tally.${name}`));
      const value = tally?.[name];
      setText(sums[index].value, value === undefined ? '–' : name.endsWith('_s') ? clock(value * 1000) : String(value));
    });
  }
}

function dayWords(date) {
  const words = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' };
  return new Intl.DateTimeFormat(dateLocale(), words).format(new Date(`${date}T00:00:00Z`));
}
