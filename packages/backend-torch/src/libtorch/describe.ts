import { findBuilt } from './find-built.js';
import { torchHome } from './home.js';
import type { Libtorch } from './inspect.js';
import { locate, rejections } from './locate.js';
import type { Env } from './run.js';

/** What `haste doctor` tells about libtorch and the addon, a fact a line. Asks the Pythons on the path: some 100 ms. */
export async function describeTorch(
  cwd: string = process.cwd(),
  env: Env = process.env,
  system?: string,
): Promise<string[]> {
  const built = findBuilt({ cwd, env });
  if ('build' in built) {
    const { addon, manifest } = built.build;
    const { root, version, cuda } = manifest.libtorch;
    return [about({ root, version, cuda }), `addon: ${addon}, built with ${manifest.compiler}`];
  }
  const located = await locate({ cwd, env, home: torchHome(cwd, env), ...(system && { system }) });
  if (located.found !== undefined) return [about(located.found.libtorch), 'addon: none that fits'];
  return ['libtorch: none found', ...rejections(located).map((line) => `  ${line}`)];
}

function about({ root, version, cuda }: Pick<Libtorch, 'root' | 'version' | 'cuda'>): string {
  return `libtorch: ${version}, ${cuda ? 'CUDA' : 'CPU'}, ${root}`;
}
