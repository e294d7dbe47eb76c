// Makes assets/fashion-mnist from the full set: the first 1,000 training and the first 200 test images of each class, in
// their published order, as IDX files. Usage, after `npm run build`:
//   node packages/data/scripts/ship-fashion-mnist.mjs [folder of the four published IDX .gz files]
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SHIPPED_FOLDER, SYSTEM_FOLDER } from '../dist/fashion-mnist/source.js';
import { FILES, readSplit } from '../dist/fashion-mnist/split.js';

const PER_CLASS = { train: 1000, test: 200 };
const UINT8 = 0x08;

/** Indices of the first `count` images of each class, in order. */
function firstOfEachClass(labels_N, count) {
  const seen = new Map();
  return Array.from(labels_N.keys()).filter((n) => {
    const before = seen.get(labels_N[n]) ?? 0;
    seen.set(labels_N[n], before + 1);
    return before < count;
  });
}

function idx(shape, values) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE((UINT8 << 8) | shape.length);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

function write(name, bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(join(SHIPPED_FOLDER, `${name}.gz`), packed);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  console.log(`${name}.gz  ${packed.length} bytes; unpacked ${bytes.length}, sha256 ${sha256}`);
}

const folder = process.argv[2] ?? SYSTEM_FOLDER;
mkdirSync(SHIPPED_FOLDER, { recursive: true });
for (const split of ['train', 'test']) {
  const { images_NHW, labels_N, height, width } = await readSplit(folder, split);
  const chosen = firstOfEachClass(labels_N, PER_CLASS[split]);
  const size = height * width;
  const images = Buffer.concat(chosen.map((n) => images_NHW.subarray(n * size, (n + 1) * size)));
  write(FILES[split].images, idx([chosen.length, height, width], images));
  write(
    FILES[split].labels,
    idx(
      [chosen.length],
      Uint8Array.from(chosen, (n) => labels_N[n]),
    ),
  );
}
