import { cpuBackend } from '@hastejs/backend-cpu';
import { attentionAlignment } from '@hastejs/loss-attention';
import { type Tensor4D, normalTensor, rng } from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const loss = await attentionAlignment.create({}, {});
if (loss.reads !== 'attention') throw new Error('an attention loss reads queries and keys');

// Queries and keys of one block: 2 images, 3 heads, 16 tokens. Head sizes may differ; no 16×16 map is kept.
const tensor = (seed: number, d: number) => normalTensor(rng(seed), [2, 3, 16, d]) as Tensor4D;
const teacher = { q_BHTd: tensor(1, 64), k_BHTd: tensor(2, 64) };
const student = { q_BHTd: tensor(3, 8), k_BHTd: tensor(4, 8) };
const [far, near] = [loss.loss(student, teacher, {}), loss.loss(teacher, teacher, {})];
console.log(`cross-entropy ${far.dataSync()[0]!.toFixed(2)}; at its least, ${near.dataSync()[0]!.toFixed(2)}`);
