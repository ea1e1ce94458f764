// One field on the screen: what is asked, what stands there, what is wrong with it, and the keys.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { cardPicture } from './card-picture.js';
import { CELL_TYPES, Cells } from './cells.js';
import { choiceButtons } from './choice.js';
import { lettersKeyboard } from './keyboard.js';
import { digitPad } from './pad.js';
import { complaint, heading, onButton, onKeys, say, setReady, stack, tOr } from './pieces.js';

/** The screen of the claim's present field. */
export function formScreen({ claim }) {
  const { task, step } = claim;
  const field = task.wanted;
  const problem = claim.problem?.field === field.name ? claim.problem : null;
  const given = { claim, field, problem, marked: problem?.marked ?? [] };
  const head = stack(
    'stack--s form__head',
    el('p', { class: 'form__step' }, say(step.title)),
    label(field),
  );
  const trouble = el('div', { class: 'form__trouble' }, problem ? told(problem, claim) : null);
  const next = nextButton(given);
  const back = claim.canGoBack ? button(t('back'), 'left', 'form__back', () => claim.back()) : null;
  const moves = el('div', { class: 'form__moves' }, back, next.node);
  const body = BODIES[bodyOf(field)]({ ...given, head, trouble, moves, next });
  body.dataset.field = field.name;
  onKeys(body, (event) => {
    if (event.key === 'Enter' && !onButton(event) && !event.defaultPrevented) next.press();
  });
  return body;
}

function label(field) {
  const optional = field.required ? null : el('small', { class: 'form__optional' }, t('form.optional'));
  const title = heading(say(field.label), 'h1');
  title.className = 'label';
  title.id = 'field-label';
  if (optional) title.append(' ', optional);
  return el('div', {}, title, field.hint ? el('p', { class: 'hint', id: 'field-hint' }, say(field.hint)) : null);
}

function told({ code, marked, values, field }, claim) {
  const { wanted } = claim.task;
  const name = values.other ?? (code === 'date.not_before' ? wanted.before : wanted.after);
  const other = claim.flow.steps.flatMap(({ fields }) => fields).find((each) => each.name === name);
  const more = {
    count: values.count ?? marked.length,
    limit: values.limit ?? wanted.max_length,
    other: other ? say(other.label) : '',
  };
  const advice = tOr(`problem.${code}.do`, 'problem.other.do', more);
  return complaint(tOr(`problem.${code}`, 'problem.other', more), advice, { 'data-problem': code, 'data-of': field });
}

/** "Next", or "skip" where nothing stands and nothing need. `ready` says whether it would do. */
function nextButton({ claim, field }) {
  let missing = () => 0;
  const press = () => {
    const count = missing();
    const empty = claim.valueOf(field.name) === '';
    if (count > 0 && !(empty && !field.required)) {
      claim.complain(field.name, empty ? 'text.empty' : 'digits.missing', { count });
    } else {
      claim.submit(field);
    }
  };
  const node = button(t('next'), 'right', 'btn--main form__next', press);
  const words = node.lastChild;
  const show = () => {
    const empty = claim.valueOf(field.name).trim() === '';
    words.textContent = t(claim.busy ? 'form.busy' : empty && !field.required ? 'skip' : 'next');
    setReady(node, !claim.busy && (empty ? !field.required : missing() === 0));
  };
  show();
  return { node, press, show, lacking(count) { missing = count; show(); } };
}

function bodyOf(field) {
  if (field.type === 'choice') return 'choice';
  return CELL_TYPES.has(field.type) ? 'digits' : 'letters';
}

const BODIES = {
  digits({ claim, field, marked, head, trouble, moves, next }) {
    const cells = new Cells(field.type, claim.valueOf(field.name), marked, (value) => {
      claim.type(field.name, value);
      next.show();
    });
    next.lacking(() => cells.missing);
    const where = field.type === 'nik' && el('p', { class: 'where' }, cardPicture(), el('span', {}, t('form.nik.where')));
    const body = el(
      'div',
      { class: 'split form form--digits' },
      stack('', head, cells.node, trouble, ...(where ? [where] : [])),
      stack('stack--s', digitPad(cells), moves),
    );
    onKeys(body, (event) => {
      if (cells.press(event.key)) event.preventDefault();
    });
    return body;
  },

  letters({ claim, field, problem, head, trouble, moves, next }) {
    const lines = field.type === 'address';
    const entry = el(lines ? 'textarea' : 'input', {
      class: 'entry',
      inputmode: 'none', // the keys are on the page
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      maxlength: field.max_length,
      rows: lines ? 2 : null,
      'aria-labelledby': 'field-label',
      'aria-describedby': field.hint ? 'field-hint' : null,
      'aria-invalid': problem ? 'true' : null,
      'data-typed': true,
    });
    entry.value = claim.valueOf(field.name);
    entry.addEventListener('input', () => {
      claim.type(field.name, entry.value);
      next.show();
    });
    entry.addEventListener('keydown', (event) => {
      // In several lines Enter is one of them.
      if (lines && event.key === 'Enter') event.stopPropagation();
    });
    return el(
      'div',
      { class: 'form form--letters' },
      el('div', { class: 'form__above' }, stack('stack--s', head, trouble, entry), moves),
      lettersKeyboard(entry, field.type),
    );
  },

  choice({ claim, field, head, trouble, moves, next }) {
    const group = choiceButtons(field.choices, claim.valueOf(field.name), say(field.label), (value) => {
      claim.type(field.name, value);
      next.show();
    });
    return el(
      'div',
      { class: 'split form form--choice' },
      stack('', head, trouble),
      stack('', group, moves),
    );
  },
};
