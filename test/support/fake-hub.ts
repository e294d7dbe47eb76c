// A server that speaks as much of the Hugging Face hub's protocol as a pull needs, and misbehaves where a test asks for it.
import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRepo {
  readonly commit: string;
  /** Large files are kept apart (LFS): another server has them, under their SHA-256. */
  readonly files: Readonly<Record<string, { readonly bytes: Buffer; readonly large?: boolean }>>;
  readonly refs?: readonly string[];
  /** Tokens that may read it; absent: everybody. */
  readonly tokens?: readonly string[];
}

export interface HubRequest {
  /** `hub`, or `cdn` for the server of large files. */
  readonly server: 'hub' | 'cdn';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What the servers do instead of answering; each is done once. */
export type Mischief =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Breaks the connection off after so many bytes of the answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Says nothing more after so many bytes. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Answers with a page, as a proxy does. */
  | { readonly kind: 'page' }
  /** Sends wrong bytes. */
  | { readonly kind: 'corrupt' }
  /** Sends the whole file whatever range is asked for. */
  | { readonly kind: 'no-range'; readonly cut?: number }
  /** Accepts the request and says nothing. */
  | { readonly kind: 'silent' }
  /** Answers once that resolves. */
  | { readonly kind: 'hold'; readonly until: Promise<void> };

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const gitSha1 = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

export class FakeHub {
  readonly repos: Record<string, HubRepo> = {};
  readonly requests: HubRequest[] = [];
  private readonly mischief: { path: RegExp; what: Mischief }[] = [];

  private constructor(
    private readonly hub: Server,
    private readonly cdn: Server,
  ) {
    hub.on(
      'request',
      (request: IncomingMessage, response: ServerResponse) => void this.answer('hub', request, response),
    );
    cdn.on(
      'request',
      (request: IncomingMessage, response: ServerResponse) => void this.answer('cdn', request, response),
    );
  }

  static async start(): Promise<FakeHub> {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new FakeHub(...servers);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  get endpoint(): string {
    return address(this.hub);
  }

  /** The next request whose path fits is answered so. */
  next(path: RegExp, ...what: Mischief[]): void {
    this.mischief.push(...what.map((one) => ({ path, what: one })));
  }

  private async answer(server: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url!.split('?')[0]!);
    const { range, authorization } = request.headers;
    this.requests.push({ server, path, range, authorization });
    const index = this.mischief.findIndex((one) => one.path.test(path));
    const what = index < 0 ? undefined : this.mischief.splice(index, 1)[0]!.what;
    if (what?.kind === 'silent') return;
    if (what?.kind === 'hold') await what.until;
    if (what?.kind === 'status') return refuse(response, what.status, what.headers);
    if (what?.kind === 'page') return void response.end('<html>Log in to the network</html>');
    if (server === 'cdn') return send(response, this.large(path.slice(1)), range, what);
    const [, repo, rest] = /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
    const held = this.repos[repo ?? ''];
    if (!held) return refuse(response, authorization ? 404 : 401, { 'x-error-code': 'RepoNotFound' });
    if (path.startsWith('/api/')) return this.api(repo!, held, rest!, request, response);
    const token = authorization?.replace('Bearer ', '') ?? '';
    if (held.tokens && !held.tokens.includes(token)) {
      return refuse(response, token ? 403 : 401, {
        'x-error-code': 'GatedRepo',
        'x-error-message': 'Access is restricted',
      });
    }
    this.resolve(held, rest!, range, response, what);
  }

  private async api(name: string, repo: HubRepo, rest: string, request: IncomingMessage, response: ServerResponse) {
    const [, question, revision = ''] = /^(revision|paths-info)\/(.*)$/.exec(rest) ?? [];
    if (![repo.commit, ...(repo.refs ?? [])].includes(revision)) {
      return refuse(response, 404, {
        'x-error-code': 'RevisionNotFound',
        'x-error-message': `Invalid rev id: ${revision}`,
      });
    }
    const paths = Object.keys(repo.files);
    if (question === 'revision') {
      return json(response, {
        _id: '1',
        id: name,
        sha: repo.commit,
        siblings: paths.map((rfilename) => ({ rfilename })),
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = (JSON.parse(Buffer.concat(chunks).toString()) as { paths: string[] }).paths;
    json(
      response,
      asked.filter((path) => paths.includes(path)).map((path) => describe(path, repo.files[path]!)),
    );
  }

  private resolve(repo: HubRepo, rest: string, range: string | undefined, response: ServerResponse, what?: Mischief) {
    const path = rest.replace(/^resolve\/[^/]+\//, '');
    const file = repo.files[path];
    if (!file) return refuse(response, 404, { 'x-error-code': 'EntryNotFound' });
    const etag = file.large ? sha256(file.bytes) : gitSha1(file.bytes);
    const headers = { 'x-repo-commit': repo.commit, 'x-linked-etag': `"${etag}"`, 'x-linked-size': file.bytes.length };
    if (file.large) return response.writeHead(302, { ...headers, location: `${address(this.cdn)}/${etag}` }).end();
    send(response, file.bytes, range, what, { ...headers, etag: `"${etag}"` });
  }

  private large(sum: string): Buffer {
    const files = Object.values(this.repos).flatMap((repo) => Object.values(repo.files));
    return files.find(({ bytes }) => sha256(bytes) === sum)!.bytes;
  }
}

const address = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function describe(path: string, { bytes, large }: { bytes: Buffer; large?: boolean }): object {
  const size = bytes.length;
  const pointer = Buffer.from(`oid sha256:${sha256(bytes)}`);
  const plain = { type: 'file', path, size, oid: gitSha1(large ? pointer : bytes) };
  return large ? { ...plain, lfs: { oid: sha256(bytes), size, pointerSize: pointer.length } } : plain;
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, headers).end('<html>an error page</html>');
}

function send(
  response: ServerResponse,
  bytes: Buffer,
  range: string | undefined,
  what: Mischief | undefined,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  const start = what?.kind === 'no-range' ? 0 : Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  const rest = Buffer.from(bytes.subarray(start));
  if (what?.kind === 'corrupt') rest[rest.length >> 1]! ^= 1;
  const partial = range !== undefined && what?.kind !== 'no-range';
  const contentRange = partial ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
  response.writeHead(partial ? 206 : 200, { ...headers, 'content-length': rest.length, ...contentRange });
  const cut = what?.kind === 'cut' ? what.after : what?.kind === 'no-range' ? what.cut : undefined;
  if (what?.kind === 'stall') response.write(rest.subarray(0, what.after));
  else if (cut === undefined) response.end(rest);
  else response.write(rest.subarray(0, cut), () => response.destroy());
}
