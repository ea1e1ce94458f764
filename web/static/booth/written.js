// An answer as a person reads it.

import { language } from '../i18n.js';
import { say } from './pieces.js';

/** Of a field of a flow. */
export function written(field, value) {
  switch (field.type) {
    case 'date':
      return writtenDate(value);
    case 'choice': {
      const choice = field.choices.find(({ name }) => name === value);
      return choice ? say(choice.label) : value;
    }
    case 'nik':
    case 'membership':
    case 'phone':
    case 'bank_account':
      return value.replace(/(.{4})(?=.)/g, '$1 ');
    default:
      return value;
  }
}

/** The last four digits, for screens and slips that others may see. */
export function masked(value) {
  return `•••• ${value.slice(-4)}`;
}

function writtenDate(value) {
  const [year, month, day] = value.split('-').map(Number);
  if (!day) return value;
  const words = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' };
  return new Intl.DateTimeFormat(language(), words).format(new Date(Date.UTC(year, month - 1, day)));
}
