// npm run bench -- <name> [arguments]: runs bench/<name>.mjs. Without a name: what there is.
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => basename(file, '.mjs'));
const load = (name) => import(`./${name}.mjs`);

const [name, ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const { run } = await load(name);
  await run(args);
} else {
  if (name !== undefined) console.error(`There is no bench named '${name}'.\n`);
  console.log('npm run bench -- <name> [arguments]\n');
  for (const each of names) console.log(`  ${each.padEnd(10)} ${(await load(each)).summary}`);
  process.exitCode = name === undefined ? 0 : 2;
}
