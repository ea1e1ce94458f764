// The original of a picture and what was cut out of it, side by side: one of them is looked at.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { Kept, setAttribute, setText } from './paint.js';
import { pictureUrl } from './shots.js';

export class Versions {
  #kept;

  /** `choose(id)`: look at this one from now on. */
  constructor(choose) {
    this.node = el('div', { class: 'versions', role: 'group', hidden: true });
    this.#kept = new Kept(this.node, (id) => make(id, () => choose(id)));
  }

  /** `all`: [{id, number, width, height}], the original first; `shown`: id of the one looked at. */
  draw(all, shown, label, off) {
    this.node.hidden = all.length < 2;
    setAttribute(this.node, 'aria-label', t('versions.title', { what: label }));
    this.#kept.of(this.node.hidden ? [] : all.map(({ id }) => id)).forEach((each, index) => {
      const { number, width, height, id } = all[index];
      setText(each.name, number === 0 ? t('versions.original') : t('versions.derived', { n: number }));
      setText(each.size, `${width} × ${height}`);
      setAttribute(each.node, 'aria-pressed', String(id === shown));
      setAttribute(each.node, 'aria-disabled', off && id !== shown ? 'true' : null);
      setAttribute(each.node, 'title', number === 0 ? t('versions.original.means') : t('versions.derived.means', { what: label }));
    });
  }
}

function make(id, choose) {
  const made = { name: el('b'), size: el('small', { class: 'num' }) };
  made.node = el('button', { type: 'button', class: 'version', 'data-picture': id },
    el('img', { class: 'version__img', alt: '', src: pictureUrl(id), draggable: 'false' }),
    el('span', {}, made.name, made.size));
  made.node.addEventListener('click', () => {
    if (made.node.getAttribute('aria-disabled') !== 'true') choose();
  });
  return made;
}
