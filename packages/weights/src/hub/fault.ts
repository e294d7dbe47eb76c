import { HasteError } from '@hastejs/plugin-api';

/** What the hub, or the way to it, did wrong. */
export class HubFault extends Error {
  override readonly name = 'HubFault';
  constructor(
    message: string,
    /** HTTP status; null: no answer, or one that broke off. */
    readonly status: number | null,
    readonly details: {
      /** The hub's own word for it, such as GatedRepo (header X-Error-Code). */
      readonly code?: string | null;
      /** Seconds that the hub asks to wait. */
      readonly retryAfter?: number | null;
      /** It would say the same again. */
      readonly lasting?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    if (this.details.lasting) return false;
    return this.status === null || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const MOST_TEXT = 300;

/** The fault that an answer tells. Reads the answer's body, of which servers make pages. */
export async function faultOf(response: Response): Promise<HubFault> {
  const text = await response.text().catch(() => '');
  const said = response.headers.get('x-error-message') ?? messageIn(text);
  return new HubFault(said ? said.slice(0, MOST_TEXT) : `status ${response.status}`, response.status, {
    code: response.headers.get('x-error-code'),
    retryAfter: secondsOf(response.headers.get('retry-after')),
  });
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}

/** Retry-After is a number of seconds, or a date. */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** What was asked, for the words of an error. */
export interface Asked {
  readonly repo: string;
  readonly revision: string;
  readonly endpoint: string;
  readonly token: string | null;
}

/** A fault as people should read it. */
export function explain(fault: HubFault, asked: Asked): HasteError {
  const page = `${asked.endpoint}/${asked.repo}`;
  const [what, fix] = words(fault, asked, page);
  return new HasteError('WEIGHTS_PULL', { what, where: `${page} at ${asked.revision}`, fix, cause: fault });
}

function words({ status, message, details }: HubFault, asked: Asked, page: string): [what: string, fix: string] {
  const { endpoint, token, repo } = asked;
  const keys = `${endpoint}/settings/tokens`;
  if (status === 403 || details.code === 'GatedRepo') {
    const agree = `Agree to its terms at ${page} with your account, then set HF_TOKEN to a token of it (${keys}).`;
    return [`The hub does not let ${token ? 'the account of this token' : 'everybody'} fetch it: ${message}.`, agree];
  }
  if (status === 401 && token) {
    return [
      `The hub does not accept the token, or the repository is not there: ${message}.`,
      `Renew HF_TOKEN: ${keys}`,
    ];
  }
  if (status === 401) {
    const fix = `Check the name ${repo}; for a private repository, set HF_TOKEN to a token that may read it (${keys}).`;
    return [`The hub does not show it to everybody, or it is not there: ${message}.`, fix];
  }
  if (status === 404)
    return [`The hub has no such thing: ${message}.`, 'Check the repository, the revision and the file.'];
  const kept = 'What has arrived is kept; pull again to go on.';
  if (status === 429) return [`The hub has had too many requests: ${message}.`, `Wait, or set HF_TOKEN. ${kept}`];
  if (status !== null) return [`The hub fails: ${message}.`, `Try later. ${kept}`];
  const without = 'HF_ENDPOINT names a mirror, HF_HUB_OFFLINE=1 uses what is in the cache.';
  return [`The hub cannot be reached, or does not answer as it should: ${message}.`, `${kept} ${without}`];
}
