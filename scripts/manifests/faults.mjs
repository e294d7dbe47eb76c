// What nobody but a person can write into a package, and what must agree with another file.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { completed } from './derived.mjs';

/**
 * @param {{ folder: string, directory: string, manifest: Record<string, any> }} workspace
 * @param {{ root: string, manifest: Record<string, any>, version: string, licence: string, peers: Record<string, string[]> }} house
 *   `version`: that of all packages; `peers`: what each asks of its user.
 * @returns {string[]} what is wrong, each with what to do.
 */
export function manifestFaults({ folder, directory, manifest }, house) {
  return [
    ...derivedFaults(manifest, completed(manifest, directory, house.manifest)),
    ...writtenFaults(manifest, house.version),
    ...exportFaults(manifest),
    ...peerFaults(manifest, house.peers),
    ...(manifest.haste?.plugin === undefined ? [] : pluginFaults(manifest, folder)),
    ...fileFaults(folder, house.licence),
  ];
}

function derivedFaults(manifest, wanted) {
  const wrong = Object.keys(wanted).filter((key) => !isDeepStrictEqual(manifest[key], wanted[key]));
  if (wrong.length > 0) return [`package.json: ${wrong.join(', ')}: run npm run manifests`];
  const ordered = isDeepStrictEqual(Object.keys(manifest), Object.keys(wanted));
  return ordered ? [] : ['package.json: its fields are in another order: run npm run manifests'];
}

function writtenFaults({ description, keywords, version, dependencies, peerDependencies }, wanted) {
  const own = (keywords ?? []).filter((word) => !['haste', 'haste-plugin'].includes(word));
  const stale = Object.entries({ ...dependencies, ...peerDependencies })
    .filter(([name, range]) => name.startsWith('@hastejs/') && range !== `^${wanted}`)
    .map(([name, range]) => `package.json: asks for ${name} ${range}; all packages are released together: ^${wanted}`);
  return [
    ...unless(
      /^[A-Z].{15,}\.$/.test(description ?? ''),
      'package.json: description: one sentence that ends in a full stop',
    ),
    ...unless(own.length > 0, 'package.json: keywords: at least one word that a person would search for'),
    ...unless(version === wanted, `package.json: version ${version}; all packages are released together, as ${wanted}`),
    ...stale,
  ];
}

/** ES modules only, one entry, types beside it; `./package.json` for tools that look for a package's folder. */
function exportFaults({ exports }) {
  const wanted = {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  };
  return unless(isDeepStrictEqual(exports, wanted), `package.json: exports: expected ${JSON.stringify(wanted)}`);
}

/** What a package asks of its user, its user must have: npm puts it within reach by chance, stricter installers do not. */
function peerFaults({ dependencies = {}, peerDependencies }, peers) {
  const own = Object.keys({ ...dependencies, ...peerDependencies });
  return Object.keys(dependencies).flatMap((name) =>
    (peers[name] ?? [])
      .filter((peer) => !own.includes(peer))
      .map((peer) => `package.json: ${name} needs ${peer} beside it: name it among the dependencies`),
  );
}

/** Contracts and tensors exist once in a program: a plugin takes those that its user has. */
function pluginFaults({ name, version, dependencies, peerDependencies }, folder) {
  const bundled = Object.keys(dependencies ?? {}).filter((other) => other.startsWith('@hastejs/'));
  const source = readFileSync(join(folder, 'src/index.ts'), 'utf8');
  const said = /definePlugin\(\{\s*name: '([^']+)',\s*version: '([^']+)'/.exec(source);
  return [
    ...bundled.map((other) => `package.json: ${other} belongs to peerDependencies, so that there is one copy of it`),
    ...unless(
      peerDependencies?.['@hastejs/plugin-api'],
      'package.json: peerDependencies: @hastejs/plugin-api is missing',
    ),
    ...unless(
      said?.[1] === name && said?.[2] === version,
      `src/index.ts: definePlugin says ${said?.[1]} ${said?.[2]}, and package.json ${name} ${version}`,
    ),
  ];
}

function fileFaults(folder, licence) {
  const licenceFile = join(folder, 'LICENSE');
  const same = existsSync(licenceFile) && readFileSync(licenceFile, 'utf8') === licence;
  return [
    ...unless(existsSync(join(folder, 'README.md')), 'README.md: is missing; npm shows it'),
    ...unless(same, "LICENSE: is not the repository's: run npm run manifests"),
  ];
}

const unless = (holds, fault) => (holds ? [] : [fault]);
