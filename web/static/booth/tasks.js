// What the visitor can do alone, as a list; and which of it comes now. Pure.

/**
 * The visitor's tasks in their order: pictures that the officer asks for, then everything of his
 * own step. `flow` and `told` are what the server said; `skipped` are the names of what may be left
 * out and was.
 *
 * A task is {kind: 'field' | 'capture' | 'signature', name, wanted (the flow's), done, asked}.
 */
export function tasksOf(flow, told, skipped) {
  const tasks = told.asked.map((name) => captureTask(captureOf(flow, name), false, true));
  const step = stepOf(flow, told.step);
  if (!step) return [...tasks, ...signatureBesideOfficer(flow, told)];
  step.fields.forEach((field, index) => {
    const left = !field.required && passedBy(step, index, told, skipped);
    const done = (field.name in told.answers || left) && !told.lacks.includes(field.name);
    tasks.push({ kind: 'field', name: field.name, wanted: field, done, asked: false });
  });
  for (const capture of step.captures) {
    if (told.asked.includes(capture.name)) continue;
    const here = capture.required || skipped.has(capture.name) || pictureOf(told, capture.name);
    tasks.push(captureTask(capture, Boolean(here) && !told.lacks.includes(capture.name), false));
  }
  if (step.signature) {
    const done = told.signed.includes(step.name) && !told.lacks.includes('signature');
    tasks.push({ kind: 'signature', name: 'signature', wanted: step, done, asked: false });
  }
  return tasks;
}

/** The task that comes now: what is asked for, what the visitor went back to, what he was in the
 *  middle of, the first that is not done. Null: all are done. */
export function presentOf(tasks, told, wanted) {
  return (
    tasks.find(({ asked }) => asked) ??
    tasks.find(({ name }) => name === wanted) ??
    tasks.find((task) => task.kind === 'field' && halfTyped(task.name, told)) ??
    tasks.find(({ done }) => !done) ??
    null
  );
}

export function stepOf(flow, name) {
  return flow.steps.find((step) => step.name === name) ?? null;
}

export function captureOf(flow, name) {
  return flow.steps.flatMap(({ captures }) => captures).find((each) => each.name === name);
}

/** The last picture that was taken of this name. */
export function pictureOf(told, name) {
  return told.pictures.findLast(({ capture }) => capture === name) ?? null;
}

/** {at, of}: consent is the first part and the decision the last. Null while no flow is known. */
export function progressOf(flow, told) {
  if (!flow || !told) return null;
  const of = flow.steps.length + 2;
  const name = told.step ?? told.attended;
  const index = flow.steps.findIndex((step) => step.name === name);
  return { at: index < 0 || told.result ? of : index + 2, of };
}

/** A step that needs the officer may want the visitor's hand all the same. */
function signatureBesideOfficer(flow, told) {
  const step = stepOf(flow, told.attended);
  if (!step?.signature || told.signed.includes(step.name)) return [];
  return [{ kind: 'signature', name: 'signature', wanted: step, done: false, asked: false, beside: true }];
}

function captureTask(capture, done, asked) {
  return { kind: 'capture', name: capture.name, wanted: capture, done, asked };
}

/** Left empty before, if anything behind it was answered. */
function passedBy(step, index, told, skipped) {
  if (skipped.has(step.fields[index].name)) return true;
  return step.fields.slice(index + 1).some(({ name }) => name in told.answers);
}

function halfTyped(name, told) {
  const draft = told.drafts[name];
  return Boolean(draft) && draft !== told.answers[name];
}
