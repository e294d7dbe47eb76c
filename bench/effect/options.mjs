// What the command takes. The defaults are the study of docs/results.md.
import { parseArgs } from 'node:util';
import { BenchError } from '../support/errors.mjs';
import { ARMS, SETTINGS } from './setting.mjs';

export const USAGE = `npm run bench -- effect [options]

  --folder <path>     where runs and report are kept, and taken up again (runs/effect)
  --setting <name>    ${Object.keys(SETTINGS).join(' or ')} (study)
  --arms <list>       of ${ARMS.join(', ')}
  --seeds <list>      0,1,2
  --steps <n>         steps of a run, instead of the setting's
  --stop <n>          steps after which both+stop lets go, instead of the setting's
  --scores <n>        scored checkpoints of a run, the last one included
  --along <n>         images of each of those scores
  --samples <n>       images of the last score
  --backend <id>      instead of the fastest found
  --threads <n>       threads of the torch backend
  --report-only       make the report again from what the folder holds
  --write-docs        put the result into docs/results.md as well
  --place <name>      where in it, between the marks of that name (effect)`;

const OPTIONS = {
  folder: { type: 'string', default: 'runs/effect' },
  setting: { type: 'string', default: 'study' },
  arms: { type: 'string', default: ARMS.join(',') },
  seeds: { type: 'string', default: '0,1,2' },
  steps: { type: 'string' },
  stop: { type: 'string' },
  scores: { type: 'string' },
  along: { type: 'string' },
  samples: { type: 'string' },
  backend: { type: 'string' },
  threads: { type: 'string' },
  'report-only': { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  place: { type: 'string', default: 'effect' },
};

/** @throws BenchError with the usage for what makes no sense */
export function parseOptions(args) {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    const setting = SETTINGS[values.setting];
    if (!setting) throw new Error(`There is no setting '${values.setting}'.`);
    const number = (name, least = 1) => (values[name] === undefined ? setting[name] : whole(name, values[name], least));
    const options = {
      folder: values.folder,
      setting: values.setting,
      arms: armsOf(values.arms),
      seeds: [...new Set(values.seeds.split(',').map((seed) => whole('seeds', seed, 0)))],
      steps: number('steps'),
      stop: number('stop'),
      scores: number('scores'),
      along: number('along', 2),
      samples: number('samples', 2),
      ...(values.backend !== undefined && { backend: values.backend }),
      ...(values.threads !== undefined && { threads: whole('threads', values.threads, 1) }),
      reportOnly: values['report-only'],
      writeDocs: values['write-docs'],
      place: placeOf(values.place),
    };
    checkSteps(options);
    return options;
  } catch (error) {
    throw new BenchError(`${error.message}\n\n${USAGE}`, { cause: error });
  }
}

/** In the order of ARMS, whatever the order given: a fork needs its trunk. */
function armsOf(text) {
  const wanted = text.split(',');
  const unknown = wanted.filter((arm) => !ARMS.includes(arm));
  if (unknown.length > 0) throw new Error(`There is no arm '${unknown.join("', '")}'.`);
  if (wanted.includes('both+stop') && !wanted.includes('both')) {
    throw new Error('both+stop is forked from both: name that arm, too.');
  }
  return ARMS.filter((arm) => wanted.includes(arm));
}

function placeOf(name) {
  if (/^effect(-\w+)*$/.test(name)) return name;
  throw new Error(`--place takes effect, or a name that begins with effect-, not '${name}'.`);
}

function checkSteps({ steps, stop, scores, arms }) {
  if (arms.includes('both+stop') && stop >= steps) throw new Error(`--stop ${stop} is not within ${steps} steps.`);
  if (scores > steps) throw new Error(`--scores ${scores} is more than one a step.`);
}

function whole(name, text, least) {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} takes a whole number from ${least} up, not '${text}'.`);
}
