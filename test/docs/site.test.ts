import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runScript } from '#support/run-script.js';
import { temporaryFolder } from '#support/toy-run.js';

const SCRIPTS = join(__dirname, '../../scripts/docs');
const folder = temporaryFolder();

it('is built without a warning and without a broken link, and opens without a server', () => {
  const out = folder.path('site');
  expect(runScript('docs', '--out', out)).toMatchObject({ code: 0, err: '' });
  const page = readFileSync(join(out, 'documents/When_to_let_go.html'), 'utf8');
  expect(page).toContain('<h2 id="triggerfixed"');
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\/[^"]*\.(?:js|css|woff2?)"/);
  const options = readFileSync(join(out, 'documents/Extensions_and_their_options.html'), 'utf8');
  expect(options).toContain('id="lossfeature"');
  expect(readFileSync(join(out, 'interfaces/_hastejs_plugin-api.TeacherEncoder.html'), 'utf8')).toContain('encode');
}, 300_000);

it('finds links that lead nowhere', () => {
  const page = (name: string, text: string) => {
    mkdirSync(dirname(folder.path(name)), { recursive: true });
    writeFileSync(folder.path(name), text);
  };
  page('pages/a.html', '<a href="sub/b.html#here">b</a><a href="https://elsewhere.org/x">x</a><img src="no.png">');
  page('pages/sub/b.html', '<p id="here"><a href="../a.html#there">a</a><a href="#here">here</a></p>');
  expect(JSON.parse(answer('links', 'brokenLinks', folder.path('pages')))).toEqual([
    { page: 'a.html', link: 'no.png', why: 'is not there' },
    { page: join('sub', 'b.html'), link: '../a.html#there', why: 'names no place on that page' },
  ]);
});

it('has a place for every guide, and none for one that is not there', () => {
  mkdirSync(folder.path('docs'), { recursive: true });
  writeFileSync(folder.path('docs', 'one.md'), '# One\n');
  expect(answer('outline', 'guides', { Group: ['two'] }, folder.path('docs'))).toBe(
    "docs/one.md has no place in the site's outline; the site's outline names docs/two.md, which is not there. See scripts/docs/outline.mjs.",
  );
});

/** What a function of one of the site's modules returns, as JSON, or the message of what it throws. */
function answer(module: string, name: string, ...args: unknown[]): string {
  const from = pathToFileURL(join(SCRIPTS, `${module}.mjs`)).href;
  const program = `import { ${name} } from '${from}';
    try { console.log(JSON.stringify(await ${name}(...JSON.parse(process.argv[1])))); } catch ({ message }) { console.log(message); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(args)], {
    encoding: 'utf8',
  });
  return stdout.trim();
}
