// Where the hub is and who asks: the variables that Python's huggingface_hub reads, so that one setting serves both.
import { HasteError } from '@hastejs/plugin-api';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, hubCacheFolder, hubHome } from './cache-layout.js';

export interface HubOptions {
  /** Default: HF_ENDPOINT, else https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /** Default: HF_TOKEN, else the file that `hf auth login` wrote (HF_TOKEN_PATH, or `token` in HF_HOME). Empty: none. */
  readonly token?: string | undefined;
  /** Default: HF_HUB_CACHE, else `hub` in HF_HOME. */
  readonly cacheDir?: string | undefined;
  /** Default: whether HF_HUB_OFFLINE is 1, true, yes or on. */
  readonly offline?: boolean | undefined;
  /** Default: process.env. */
  readonly env?: Environment | undefined;
}

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | null;
  readonly cache: string;
  readonly offline: boolean;
  /** Seconds that the hub may stay silent (HF_HUB_DOWNLOAD_TIMEOUT; default 10). */
  readonly patience: number;
}

const HUB = 'https://huggingface.co';
const SECONDS = 10;
const YES = /^(1|true|yes|on)$/i;

/** @throws HasteError USAGE for an endpoint that is no address of a server. */
export async function hubSettings(options: HubOptions): Promise<HubSettings> {
  const env = options.env ?? process.env;
  const patience = Number(env['HF_HUB_DOWNLOAD_TIMEOUT']);
  return {
    endpoint: endpointOf(options.endpoint ?? (env['HF_ENDPOINT'] || HUB)),
    token: (options.token ?? (await usualToken(env))).trim() || null,
    cache: options.cacheDir ?? hubCacheFolder(env),
    offline: options.offline ?? YES.test(env['HF_HUB_OFFLINE'] ?? ''),
    patience: patience > 0 ? patience : SECONDS,
  };
}

function endpointOf(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'https:' || protocol === 'http:') return text.replace(/\/+$/, '');
  throw new HasteError('USAGE', {
    what: `'${text}' is not the address of a hub.`,
    where: 'HF_ENDPOINT',
    fix: `Leave it out for ${HUB}, or name a mirror by its https:// address.`,
  });
}

async function usualToken(env: Environment): Promise<string> {
  const path = env['HF_TOKEN_PATH'] || join(hubHome(env), 'token');
  return env['HF_TOKEN'] || (await readFile(path, 'utf8').catch(() => ''));
}
