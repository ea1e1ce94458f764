// A break: for how long, and what stands on the page meanwhile.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { openDialog } from './dialog.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { WhoIsLeft } from './who-is-left.js';

const MINUTES = [5, 15, 30, null]; // null: until he is back
const FIRST = 15;

/** Asks for how long. `begin(minutes)`. */
export function askBreak(facts, begin) {
  let chosen = FIRST;
  const choices = MINUTES.map((minutes) => {
    const node = el('button', { type: 'button', role: 'radio', class: 'choice', 'data-minutes': minutes ?? 'open' },
      icon(minutes === null ? 'door' : 'cup'), el('span', {}, minutes === null ? t('break.open') : t('break.minutes', { n: minutes })));
    node.addEventListener('click', () => choose(minutes));
    return { minutes, node };
  });
  const begins = keyButton('btn--main', () => go());
  begins.node.dataset.name = 'confirm';
  const choose = (minutes) => {
    chosen = minutes;
    for (const choice of choices) {
      setAttribute(choice.node, 'aria-checked', String(choice.minutes === chosen));
      setAttribute(choice.node, 'tabindex', choice.minutes === chosen ? '0' : '-1');
    }
    begins.draw({ icon: 'cup', word: chosen === null ? t('break.begin.open') : t('break.begin', { n: chosen }), key: '↵' });
  };
  choose(FIRST);
  const left = new WhoIsLeft();
  left.draw(facts);
  const count = facts.occupied.length;
  let close = null;
  const go = () => {
    close();
    begin(chosen);
  };
  const cancel = keyButton('', () => close());
  cancel.draw({ word: t('cancel') });
  close = openDialog((closing) => {
    close = closing;
    return {
      title: t('break.title'),
      hint: t('break.question'),
      body: [
        el('div', { class: 'choices choices--four', role: 'radiogroup', 'aria-label': t('break.question') }, ...choices.map(({ node }) => node)),
        count ? el('p', { class: 'field' }, t('break.waits', { n: count })) : null,
        count ? left.node : null,
        el('p', { class: 'tell tell--info' }, icon('info'), el('span', {}, t(count ? 'break.means' : 'break.means.empty'))),
      ].filter(Boolean),
      foot: [el('p'), cancel.node, begins.node],
      wide: 'mid',
      onkey: (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) {
          choose(MINUTES.at((MINUTES.indexOf(chosen) + step) % MINUTES.length));
          choices.find(({ minutes }) => minutes === chosen).node.focus();
        } else if (event.key === 'Enter' && event.target.closest?.('button:not([role=radio])') === null) {
          go();
        } else {
          return false;
        }
        return true;
      },
    };
  });
  choices.find(({ minutes }) => minutes === chosen).node.focus();
}

/** What stands in place of the sheet until the officer is back. */
export class BreakFace {
  #title = el('h2', { tabindex: '-1' });
  #hour = el('p', { class: 'pause__hour num' });
  #since = el('p', { class: 'pause__since num' });
  #sinceIcon = iconHolder();
  #sinceWord = el('span');
  #means = el('p', { class: 'tell tell--info' });
  #meansWord = el('span');
  #back;
  #waitTitle = el('h2');
  #waitNone = el('p');
  #left = new WhoIsLeft();

  /** `act` {endBreak()}. */
  constructor(act) {
    this.#back = keyButton('btn--main', () => act.endBreak());
    this.#back.node.dataset.name = 'back';
    this.#since.append(this.#sinceIcon, this.#sinceWord);
    this.#means.append(icon('info'), this.#meansWord);
    this.node = el('div', { class: 'closing' },
      el('section', { class: 'panel' }, this.#title, this.#hour, this.#since, this.#means,
        el('div', { class: 'panel__foot' }, this.#back.node)),
      el('section', { class: 'panel' }, this.#waitTitle, this.#waitNone, this.#left.node));
  }

  draw(facts) {
    const { pause } = facts.day;
    const left = facts.dayLeft(pause.left_ms);
    const late = left !== null && left < 0;
    setText(this.#title, t('break.on'));
    setText(this.#hour, pause.back === null ? t('break.until_back') : t('break.until', { time: pause.back }));
    setIcon(this.#sinceIcon, late ? 'alert' : 'cup');
    setAttribute(this.#since, 'data-tone', late ? 'bad' : null);
    const since = t('break.since', { time: clock(facts.dayAge(pause.since_ms)) });
    setText(this.#sinceWord, late ? `${since} ${t('break.late', { time: clock(-left) })}` : since);
    setText(this.#meansWord, t(late ? 'break.now.late' : 'break.now'));
    this.#back.draw({ icon: 'right', word: t('break.back'), key: 'B', off: !facts.known });
    const count = facts.occupied.length;
    setText(this.#waitTitle, t('break.visitors'));
    this.#waitNone.hidden = count > 0;
    setText(this.#waitNone, t('break.nobody'));
    this.#left.draw(facts);
  }
}
