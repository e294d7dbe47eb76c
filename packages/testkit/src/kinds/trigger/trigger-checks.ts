// What a termination trigger promises (plugin-api, TerminationTrigger).
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Decision, Json, Observation, TerminationTrigger } from '@hastejs/plugin-api';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { deepFreeze } from '../../measure/freeze.js';
import { withoutAmbience } from '../../measure/ambience.js';
import { type Story, type TriggerCase, defaultStory, isMetricRef, jsonCopy, observationAt, watched } from './story.js';

const WHERE = 'decide()';
/** Of a state in a checkpoint, as JSON. */
const MOST_CHARACTERS = 10_000;

type TriggerBench = Bench<'trigger'>;

export const triggerChecks = {
  'begins with a state of plain JSON, always the same': async (bench: TriggerBench) => {
    const trigger = await bench.create();
    const [one, two] = [trigger.init(), trigger.init()];
    mustBeJson(one, 'init()');
    must(isDeepStrictEqual(one, two), {
      what: `init() gave ${JSON.stringify(one)}, then ${JSON.stringify(two)}.`,
      where: 'init()',
      fix: 'A run begins, a replay begins: the same state.',
    });
  },
  'keeps a state that survives JSON and stays small': async (bench: TriggerBench) => {
    await live(bench, ({ state }, { step }) => {
      mustBeJson(state, `${WHERE} at step ${step}`);
      const { length } = JSON.stringify(state);
      must(length <= MOST_CHARACTERS, {
        what: `At step ${step} its state is ${length} characters of JSON, and grows.`,
        where: WHERE,
        fix: 'Keep sums, bests and counts, or the last n values, and not all that was seen: the state is in every checkpoint.',
      });
    });
  },
  'decides the same when it is asked the same': async (bench: TriggerBench) => {
    const other = await bench.create();
    await live(bench, (decision, observation, state, trigger) => {
      const [again, anew] = [trigger.decide(state, observation), other.decide(state, observation)];
      must(isDeepStrictEqual(again, decision), {
        what: `At step ${observation.step} it decided ${JSON.stringify(decision)}, and asked again ${JSON.stringify(again)}.`,
        where: WHERE,
        fix: 'Keep nothing outside the state: what it remembers goes into the state that it returns.',
      });
      must(isDeepStrictEqual(anew, decision), {
        what: `At step ${observation.step} it decided ${JSON.stringify(decision)}, and one that was created anew ${JSON.stringify(anew)}.`,
        where: WHERE,
        fix: 'A resumed run creates its trigger anew and gives it the saved state: everything it needs is there.',
      });
    });
  },
  'leaves alone what it is given': async (bench: TriggerBench) => {
    try {
      await live(bench, () => undefined);
    } catch (error) {
      const writes =
        error instanceof TypeError && /read.only|not extensible|Cannot (assign|delete)/.test(error.message);
      if (!writes) throw error;
      must(false, {
        what: `It writes into what it is given: ${error.message}.`,
        where: WHERE,
        fix: 'Return a new state: { state: { ...state, seen: state.seen + 1 } }.',
      });
    }
  },
  'asks neither the clock nor chance': async (bench: TriggerBench) => {
    const trigger = await bench.create();
    const story = storyOf(bench, trigger);
    const asked = withoutAmbience(() => void lifeOf(trigger, story, stepsOf(bench), () => undefined));
    must(asked.length === 0, {
      what: `It calls ${asked.join(', ')}.`,
      where: WHERE,
      fix: 'Decide by the observation alone: a replay of the run must decide alike.',
    });
  },
  'watches what it looks at, and nothing else': async (bench: TriggerBench) => {
    const trigger = await bench.create();
    const seen = new Set<string>();
    const story = storyOf(bench, trigger);
    lifeOf(trigger, story, stepsOf(bench), () => undefined, seen);
    const secret = [...seen].filter((name) => !trigger.watches.includes(name));
    must(secret.length === 0, {
      what: `It looks at ${secret.join(', ')} and watches ${list(trigger.watches)}.`,
      where: WHERE,
      fix: 'Name in `watches` what it looks at: nothing else is measured for it, or passed on.',
    });
    const idle = trigger.watches.filter((name) => !seen.has(name));
    must(idle.length === 0, {
      what: `It watches ${idle.join(', ')} and never looks at it in ${stepsOf(bench)} steps.`,
      where: 'watches',
      fix: 'Leave it out: a metric that is watched is measured, at its cost.',
    });
  },
  'names the metrics that it brings as references': async (bench: TriggerBench) => {
    const { measures = [] } = await bench.create();
    const wrong = measures.filter((measure) => !isMetricRef(measure));
    must(wrong.length === 0, {
      what: `It measures ${JSON.stringify(wrong)}.`,
      where: 'measures',
      fix: "Give references: { kind: 'metric', id: 'metric/…', with: { … } }.",
    });
  },
  'decides in words and numbers that mean something': async (bench: TriggerBench) => {
    await live(bench, (decision, { step }) => {
      const { stop, weight, then } = decision as Decision & { then?: unknown };
      must(typeof then !== 'function', {
        what: 'It answers with a promise.',
        where: WHERE,
        fix: 'Decide at once: everything it may look at is in the observation.',
      });
      must('state' in decision && decision.state !== undefined, {
        what: `At step ${step} it gave ${JSON.stringify(decision)}, without a state.`,
        where: WHERE,
        fix: 'Return { state }, also where nothing changes.',
      });
      must(weight === undefined || (weight >= 0 && weight <= 1), {
        what: `At step ${step} its weight is ${weight}.`,
        where: WHERE,
        fix: 'A factor on the alignment weights is from 0 to 1.',
      });
      const garbled =
        stop !== undefined &&
        (typeof stop !== 'string' || stop.trim().length < 8 || /NaN|undefined|\[object/.test(stop));
      must(!garbled, {
        what: `At step ${step} it stops with ${JSON.stringify(stop)}.`,
        where: WHERE,
        fix: 'Say in one sentence why, with the numbers that decided: people read it in the report.',
      });
    });
  },
  'stops where the case says': async (bench: TriggerBench) => {
    const { stopsAt } = bench.contractCase as TriggerCase;
    if (stopsAt === undefined) return;
    const stopped = await live(bench, () => undefined);
    must(stopped === stopsAt, {
      what: `It ${stopped === null ? `did not stop in ${stepsOf(bench)} steps` : `stopped at step ${stopped}`}, and the case says ${stopsAt === null ? 'that it does not stop' : `step ${stopsAt}`}.`,
      where: WHERE,
      fix: 'Mend the trigger, or the case.',
    });
  },
};

type Look = (decision: Decision, observation: Observation, state: Json, trigger: TerminationTrigger) => void;

const stepsOf = ({ contractCase }: TriggerBench): number => (contractCase as TriggerCase).steps ?? 1000;
const storyOf = ({ contractCase }: TriggerBench, trigger: TerminationTrigger): Story =>
  (contractCase as TriggerCase).story ?? defaultStory(trigger);

async function live(bench: TriggerBench, look: Look): Promise<number | null> {
  const trigger = await bench.create();
  return lifeOf(trigger, storyOf(bench, trigger), stepsOf(bench), look);
}

/** Asks at every step until it stops, each time on a frozen copy of its state made by JSON. @returns where it stopped. */
function lifeOf(
  trigger: TerminationTrigger,
  story: Story,
  steps: number,
  look: Look,
  seen?: Set<string>,
): number | null {
  let state: Json = trigger.init();
  for (let step = 0; step <= steps; step++) {
    const passed = deepFreeze(jsonCopy(state ?? null));
    const plain = deepFreeze(observationAt(story, step));
    const observation = seen ? watched(plain, seen) : plain;
    const decision = trigger.decide(passed, observation);
    look(decision, observation, passed, trigger);
    if (decision.stop !== undefined) return step;
    ({ state } = decision);
  }
  return null;
}

function mustBeJson(state: Json, where: string): void {
  must(state !== undefined && isDeepStrictEqual(jsonCopy(state), state), {
    what: `The state ${format(state)} is not what JSON makes of it (${state === undefined ? 'nothing' : JSON.stringify(state)}).`,
    where,
    fix: 'Keep numbers, texts, booleans, null, lists and plain objects; no Infinity (null stands for "none yet"), NaN, undefined, Map, Set or Date.',
  });
}

/** With what JSON leaves out. */
const format = (state: unknown): string => inspect(state, { depth: 3, breakLength: Infinity });
const list = (names: readonly string[]): string => names.join(', ') || 'nothing';
