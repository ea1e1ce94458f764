// A picture on its way to the server: in pieces, going on where a broken link left off.

import { token } from './enrolment.js';

const PIECE = 256 * 1024;
const TRIES = 6;
const BEGIN_AGAIN = new Set(['upload.unknown', 'upload.wrong_offset', 'upload.differs']);
const PAUSE_MS = 700;

/** The server does not take it. `code` is a text of the page. */
export class NotTaken extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Resolves with what the checks found: {advice, width, height}. `progress` hears the share that
 *  has arrived. Rejects with `NotTaken`, or with `AbortError` when `signal` ends it. */
export async function send(picture, { occupant, capture, signal, progress }) {
  const bytes = await picture.arrayBuffer();
  const digest = hex(await crypto.subtle.digest('SHA-256', bytes));
  const about = { occupant, capture, octets: bytes.byteLength, digest };
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(bytes, about, signal, progress);
    } catch (failure) {
      if (failure instanceof NotTaken || failure.name === 'AbortError') throw failure;
      if (tries === TRIES) throw new NotTaken('not_sent', String(failure));
      await new Promise((done) => setTimeout(done, PAUSE_MS * tries));
    }
  }
}

async function sendOnce(bytes, about, signal, progress) {
  let { id, offset, ...verdict } = await call('POST', '', JSON.stringify(about), 'application/json', {}, signal);
  // A picture that was there already is sent its end again, with nothing in it: for the verdict.
  while (verdict.advice === undefined) {
    const piece = bytes.slice(offset, offset + PIECE);
    const place = { 'Upload-Offset': String(offset) };
    ({ offset, ...verdict } = await call('PATCH', `/${id}`, piece, 'application/octet-stream', place, signal));
    progress(offset / bytes.byteLength);
  }
  return verdict;
}

async function call(method, path, body, type, more, signal) {
  const headers = { Authorization: `Bearer ${token()}`, 'Content-Type': type, ...more };
  const response = await fetch(`/api/booth/captures${path}`, { method, headers, body, signal });
  if (response.ok) return response.json();
  const { code = 'not_taken', message = '' } = await response.json().catch(() => ({}));
  const again = response.status >= 500 || response.status === 408 || BEGIN_AGAIN.has(code);
  if (again) throw new Error(`${response.status}: ${code}`);
  throw new NotTaken(code, message);
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}
