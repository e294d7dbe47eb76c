// Drives the built command with streams in place of a terminal: when something is said, keys are pressed.
// Usage: node ask-on-terminal.mjs <folder> <JSON list of [what is said, [key, …]]> [arguments …]
import { PassThrough } from 'node:stream';
import { main } from '../../packages/create-plugin/dist/index.js';

const [folder, json, ...argv] = process.argv.slice(2);
const answers = JSON.parse(json);

const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 });
let shown = '';
let unanswered = '';
output.on('data', (chunk) => {
  shown += chunk;
  unanswered += chunk;
  if (answers.length === 0 || !unanswered.includes(answers[0][0])) return;
  unanswered = '';
  const [, keys] = answers.shift();
  setImmediate(() => keys.forEach((key) => input.write(key)));
});

const code = await main(argv, { in: input, out: output, err: output }, folder);
process.stdout.write(JSON.stringify({ code, shown, unanswered: answers.length }));
