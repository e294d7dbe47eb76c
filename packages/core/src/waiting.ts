import { HasteError, type Notices } from '@hastejs/plugin-api';

/** A call of an extension, as people are told of it. */
export interface Call {
  /** Extension, plugin and version: `teacher/x (acme 1.2.3)`. */
  readonly name: string;
  /** The member that is called: `encode`. */
  readonly member: string;
}

/** How long a person is willing to wait for extensions. */
export interface Waiting {
  readonly notices: Pick<Notices, 'warn'>;
  /** Seconds after which a call without an answer is named in a warning; again after twice as long, and so on. */
  readonly patience: number;
  /** Seconds after which a call without an answer is given up. Absent: {@link limitOf} says. */
  readonly timeLimit?: number | undefined;
  /** Gives up what has to be done before the first step, when there is nothing to save yet. */
  readonly signal?: AbortSignal | undefined;
}

/** Closing keeps a finished run from ending; measuring and sampling take as long as the model is large. */
const LIMITS: Readonly<Record<string, number>> = { dispose: 300, close: 300, measure: Infinity, sample: Infinity };

/** Seconds that a call may take where nobody said otherwise. */
export const limitOf = (member: string): number => LIMITS[member] ?? 3600;

/** Calls that come before the first step. */
const BEFORE_STEPS = ['create', 'fingerprint', 'start'];

/**
 * Milliseconds that such a call still has to answer when Ctrl-C comes: most do, and the run ends with a checkpoint to go on
 * from, which one that is given up has not.
 */
const GRACE_MS = 1000;

/** The longest time that a timer of Node can count. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Waits for the answer of a call, and says so while it does. The timer keeps the process alive: a promise that nothing will
 * ever settle would otherwise end it without a word.
 * @param abandoned receives an answer that comes after it was given up.
 * @throws HasteError EXTENSION_FAILED when the time is up, INTERRUPTED on Ctrl-C before the first step, or what the call rejects with.
 */
export function awaitAnswer<T>(
  { notices, patience, timeLimit, signal }: Waiting,
  call: Call,
  answer: PromiseLike<T>,
  abandoned: (late: T) => void = () => undefined,
): Promise<T> {
  const limit = timeLimit ?? limitOf(call.member);
  const abortable = BEFORE_STEPS.includes(call.member) ? signal : undefined;
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;
    let settled = false;
    const settle = (end: () => void) => {
      settled = true;
      clearTimeout(timer);
      clearTimeout(grace);
      abortable?.removeEventListener('abort', onAbort);
      end();
    };
    const onAbort = () => void (grace = setTimeout(() => settle(() => reject(interrupted(call))), GRACE_MS));
    const waitUntil = (until: number, from: number) => {
      timer = setTimeout(
        () => {
          if (until >= limit) return settle(() => reject(tooLate(call, limit)));
          notices.warn(`${stillWaiting(call)} after ${until} s${prospect(limit)}.`);
          waitUntil(Math.min(until * 2, limit), until);
        },
        Math.min((until - from) * 1000, LONGEST_MS),
      );
    };
    waitUntil(Math.min(patience, limit), 0);
    if (abortable?.aborted) onAbort();
    else abortable?.addEventListener('abort', onAbort);
    answer.then(
      (value) => (settled ? abandoned(value) : settle(() => resolve(value))),
      (error: unknown) => settled || settle(() => reject(error as Error)),
    );
  });
}

function stillWaiting({ name, member }: Call): string {
  if (member === 'create') return `${name} is still being created`;
  if (member === 'import') return `${name} is still being imported`;
  return `${name} has not answered ${member}()`;
}

const prospect = (limit: number): string => (Number.isFinite(limit) ? `; it is given up after ${limit} s` : '');

function tooLate({ name, member }: Call, limit: number): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: `${name} did not answer ${member}() within ${limit} s.`,
    where: `${name}, ${member}()`,
    fix: 'If it needs longer, raise the limit (HASTE_TIME_LIMIT, in seconds; timeLimit of createHost); otherwise report this to the author of the plugin.',
  });
}

function interrupted({ name, member }: Call): HasteError {
  return new HasteError('INTERRUPTED', {
    what: `Interrupted while ${name} had not yet answered ${member}(); no step was taken.`,
    where: `${name}, ${member}()`,
    fix: 'Start it again.',
  });
}
