// Removes what the build wrote, and nothing else.
import { readdirSync, rmSync } from 'node:fs';

for (const group of ['packages', 'plugins']) {
  for (const name of readdirSync(group)) rmSync(`${group}/${name}/dist`, { recursive: true, force: true });
}
