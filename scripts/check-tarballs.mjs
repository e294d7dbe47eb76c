// Packs every package and looks at the tarballs as their users would meet them: `npm run tarballs`. Needs the build. Tarballs
// given as arguments are looked at instead: so it is tested.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packAll } from './pack.mjs';
import { lintTarball } from './tarballs/lint-tarball.mjs';

/** @param {string[]} given tarballs; none: every package of the repository. */
async function main(given) {
  const folder = await mkdtemp(join(tmpdir(), 'haste-tarballs-'));
  try {
    const packed =
      given.length > 0 ? given.map((tarball) => ({ tarball, name: basename(tarball) })) : await packAll(folder);
    const faults = [];
    // One after the other: the checks compute, and do not wait.
    for (const one of packed) faults.push(...(await lintTarball(one)));
    for (const fault of faults) console.error(fault);
    if (faults.length === 0) console.log(`${packed.length} packages are as npm and TypeScript want them.`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
