/** What a person is told by its message alone: a side that died, or one that computes something else. */
export class BenchError extends Error {}

/** What a side said it cannot do, in its own words. */
export class Refused extends BenchError {}
