import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PullEvent, type PullOptions, pullWeights } from '@hastejs/weights';
import { FakeHub, sha256 } from './fake-hub.js';
import { useTemporaryFolder } from './images.js';

export const COMMIT = 'c0ffee'.padEnd(40, '0');
export const WEIGHTS = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));
export const CONFIG = Buffer.from('{"model_type": "dinov2"}');
/** The folder of 'me/mine' in a cache. */
export const REPO = 'models--me--mine';
/** The requests for large files. */
export const LARGE = /^\/[0-9a-f]{64}$/;

/** A hub with one repository, and an empty cache, for each test. */
export class PullStage {
  hub!: FakeHub;
  events: PullEvent[] = [];

  constructor(readonly cache: () => string) {}

  /** Pulls both files of the commit unless told otherwise. */
  readonly pull = (options: Partial<PullOptions> = {}): Promise<string> =>
    pullWeights({
      repo: 'me/mine',
      revision: COMMIT,
      files: ['model.safetensors', 'config.json'],
      cacheDir: this.cache(),
      onProgress: (event) => this.events.push(event),
      ...options,
      env: options.env ?? { HF_ENDPOINT: `${this.hub.endpoint}/`, HF_HOME: this.cache() },
    });

  /** The repository in another state. */
  change(changes: Partial<FakeHub['repos'][string]>): void {
    this.hub.repos['me/mine'] = { ...this.hub.repos['me/mine']!, ...changes };
  }

  readonly inRepo = (...path: string[]): string => join(this.cache(), REPO, ...path);
  readonly blob = (name: string): string => this.inRepo('blobs', name);
  readonly part = (): string => `${this.blob(sha256(WEIGHTS))}.haste-part`;
  readonly asked = (server: 'hub' | 'cdn') => this.hub.requests.filter((request) => request.server === server);
  readonly retries = (): PullEvent[] => this.events.filter(({ kind }) => kind === 'retrying');
}

export function usePullStage(): PullStage {
  const stage = new PullStage(useTemporaryFolder());
  beforeEach(async () => {
    stage.hub = await FakeHub.start();
    stage.events = [];
    const files = { 'model.safetensors': { bytes: WEIGHTS, large: true }, 'config.json': { bytes: CONFIG } };
    stage.hub.repos['me/mine'] = { commit: COMMIT, refs: ['main'], files };
  });
  afterEach(() => stage.hub.stop());
  return stage;
}

/** Jest compares buffers number by number. */
export async function expectWeights(path: string): Promise<void> {
  expect((await readFile(path)).equals(WEIGHTS)).toBe(true);
}
