// What is seen of the rest of an officer's day: loaded together, see DayPane.

export { askBreak, BreakFace } from './break.js';
export { ClosedFace, ClosingFace } from './closing.js';
export { WrapUp } from './wrap-up.js';
