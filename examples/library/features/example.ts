import { openFeatures, writeFeatures } from '@hastejs/features';
import { rng } from '@hastejs/tensor';

// Features of 4 images, in 6 patch tokens of width 8, computed by whatever means.
const data = { name: 'mine', length: 4, fingerprint: 'v1', variants: ['plain'] };
const grid = { height: 2, width: 3 };
const teacher = { name: 'my encoder', blocks: 1, width: 8, heads: 1, headDim: 8, grid };
const tensor = { name: 'tokens.final', row: [6, 8] };
const file = await writeFeatures('mine.safetensors', tensor, 4, 'bf16', { version: 1, teacher, data, first: 0 });
for (let image = 0; image < 4; image++) await file.append(new Uint16Array(48).fill(0x3f80)); // bfloat16 ones
await file.finish();

// Rows of any images, as a batch asks for them. A file of other data is refused.
const image = { channels: 3, height: 28, width: 42 };
const { reader, taps } = await openFeatures('mine.safetensors', { ...data, image, classes: [] });
const batch = { indices_B: rng(0).permutation(4).slice(0, 2), variants_B: new Uint8Array(2) };
const { tokens } = await reader.read(batch, taps);
console.log([...tokens.keys()], tokens.get('final')?.shape);
await reader.close();
