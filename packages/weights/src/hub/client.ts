// What a pull asks of the hub, through @huggingface/hub. The library's own way into the cache is not used: it neither resumes
// nor checks what arrives, and does not note which commit a branch was.
import { HubFault, faultOf } from './fault.js';
import { type RemoteFile, isInside, remoteFile } from './remote-file.js';
import type { HubSettings } from './settings.js';

/** A revision as the hub knows it: its commit and every file's path. */
export interface Revision {
  readonly commit: string;
  readonly paths: readonly string[];
}

export class HubClient {
  constructor(
    private readonly settings: HubSettings,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws HubFault; the signal's reason. */
  async revision(repo: string, revision: string): Promise<Revision> {
    const { modelInfo } = await library();
    return this.ask(async (fetch) => {
      const { sha, filePaths } = await modelInfo({
        name: repo,
        revision,
        hubUrl: this.settings.endpoint,
        additionalFields: ['sha', 'filePaths'],
        fetch,
      });
      if (!/^[0-9a-f]{40}$/.test(sha))
        throw new HubFault(`it says that the commit is '${sha}'`, null, { lasting: true });
      return { commit: sha, paths: filePaths.filter(isInside) };
    });
  }

  /** What is known of those of the paths that are there, in their order. @throws HubFault; the signal's reason. */
  async describe(repo: string, commit: string, paths: readonly string[]): Promise<RemoteFile[]> {
    const { pathsInfo } = await library();
    return this.ask(async (fetch) => {
      const asked = { repo, revision: commit, hubUrl: this.settings.endpoint, paths: [...paths], fetch };
      const known = new Map((await pathsInfo(asked)).map((info) => [info.path, info]));
      return paths.flatMap((path) => (known.has(path) ? [remoteFile(known.get(path)!)] : []));
    });
  }

  /** The bytes of a file from `start` on, which is before its end. @throws HubFault; the signal's reason. */
  async *bytes(repo: string, commit: string, file: RemoteFile, start: number): AsyncGenerator<Uint8Array> {
    const { downloadFile } = await library();
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.signal, attempt.signal]);
    const { path, size, etag } = file;
    const { endpoint, patience } = this.settings;
    const place = path.split('/').map(encodeURIComponent).join('/');
    const url = `${endpoint}/${repo}/resolve/${commit}/${place}`;
    let fault: unknown;
    // The library's stream turns what its fetch throws into text.
    const fetch = tapped(this.fetchUnder(signal), (error) => (fault = error));
    // Xet's chunks would need no less care and cannot be resumed at a byte; every hub and mirror serves the file itself.
    const given = { repo, path, revision: commit, hubUrl: endpoint, xet: false, fetch };
    const blob = await downloadFile({ ...given, downloadInfo: { size, etag, url } });
    const reader = blob!.slice(start).stream().getReader();
    try {
      for (;;) {
        const { done, value } = await withinSeconds(patience, attempt, () => reader.read());
        if (done) return;
        yield value as Uint8Array;
      }
    } catch (error) {
      this.signal.throwIfAborted();
      throw attempt.signal.aborted ? attempt.signal.reason : (fault ?? brokenOff(error));
    } finally {
      attempt.abort();
      reader.cancel().catch(() => undefined);
    }
  }

  /** One question with an answer of some kilobytes. */
  private async ask<T>(question: (fetch: Fetch) => Promise<T>): Promise<T> {
    const attempt = new AbortController();
    const fetch = this.fetchUnder(AbortSignal.any([this.signal, attempt.signal]));
    try {
      return await withinSeconds(this.settings.patience, attempt, () => question(fetch));
    } catch (error) {
      this.signal.throwIfAborted();
      if (error instanceof HubFault) throw error;
      throw attempt.signal.aborted ? attempt.signal.reason : brokenOff(error);
    }
  }

  /** Gives the token to the hub and nobody else, and throws what is not an answer to the question. */
  private fetchUnder(signal: AbortSignal): Fetch {
    const { endpoint, token } = this.settings;
    const { origin } = new URL(endpoint);
    return async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const headers = new Headers(init?.headers);
      if (token !== null && url.origin === origin) headers.set('authorization', `Bearer ${token}`);
      const response = await fetch(url, { ...init, headers, signal }).catch((error: unknown) => {
        throw brokenOff(error);
      });
      if (!response.ok) throw await faultOf(response);
      const range = /^bytes=(\d+)-/.exec(headers.get('range') ?? '')?.[1];
      const begins = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
      if (range === undefined || begins === range) return response;
      throw new RangeIgnored(`it was asked for bytes from ${range} on and sends others`, null);
    };
  }
}

/** The server sends the whole file instead of its rest. */
export class RangeIgnored extends HubFault {}

type Fetch = typeof fetch;

/** Loaded when something is pulled: training looks into the cache alone. */
const library = () => import('@huggingface/hub');

function tapped(inner: Fetch, onError: (error: unknown) => void): Fetch {
  return (input, init) =>
    inner(input, init).catch((error: unknown) => {
      onError(error);
      throw error;
    });
}

/** Ends the attempt when a step of it takes longer. */
async function withinSeconds<T>(seconds: number, attempt: AbortController, step: () => Promise<T>): Promise<T> {
  const silent = () => attempt.abort(new HubFault(`it was silent for ${seconds} seconds`, null));
  const timer = setTimeout(silent, seconds * 1000);
  try {
    return await step();
  } finally {
    clearTimeout(timer);
  }
}

/** Node says 'fetch failed' and puts the reason beneath. */
function brokenOff(error: unknown): HubFault {
  const { message, cause, name } = (error ?? {}) as Error;
  const { message: deeper, code } = (cause ?? {}) as NodeJS.ErrnoException;
  return new HubFault([message, deeper || code].filter(Boolean).join(': ') || String(error), null, {
    cause: error,
    // A page instead of JSON: a proxy's login, or no hub at all.
    lasting: name === 'SyntaxError',
  });
}
