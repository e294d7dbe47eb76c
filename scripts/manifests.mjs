// Keeps the package.json of every package complete: writes the fields that follow from others, and the licence that npm packs.
// With --check it writes nothing, and fails with all that is missing. A folder as argument is looked at as if it were the
// repository: so it is tested.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { completed } from './manifests/derived.mjs';
import { manifestFaults } from './manifests/faults.mjs';
import { REPOSITORY, workspaces } from './workspaces.mjs';

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const root = resolve(positionals[0] ?? REPOSITORY);
const read = (name) => readFileSync(join(root, name), 'utf8');
const house = {
  manifest: JSON.parse(read('package.json')),
  version: JSON.parse(read('lerna.json')).version,
  licence: read('LICENSE'),
  peers: Object.fromEntries(workspaces(root).map(({ manifest }) => [manifest.name, requiredPeers(manifest)])),
};

function requiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
}

if (!values.check) {
  for (const { folder, directory, manifest } of workspaces(root)) {
    const text = JSON.stringify(completed(manifest, directory, house.manifest), null, 2);
    writeFileSync(join(folder, 'package.json'), `${text}\n`);
    copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  }
}
const faults = workspaces(root).flatMap((one) =>
  manifestFaults(one, house).map((fault) => `${one.directory}/${fault}`),
);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
