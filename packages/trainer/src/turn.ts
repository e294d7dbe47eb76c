import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop go round once: signals are heard, timers fire, and files are written. Work on a backend that answers
 * at once never waits for anything else, and a long loop of it would keep Ctrl-C and the log waiting until its end. Costs
 * some microseconds.
 */
export const turn = (): Promise<void> => setImmediate();
