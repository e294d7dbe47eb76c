import { readSafetensors, readSafetensorsHeader, writeSafetensors } from '@hastejs/tensor';

const weight = { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
const bias = { dtype: 'F32', shape: [2], data: new Float32Array(2) } as const;
await writeSafetensors('model.safetensors', { weight, bias }, { author: 'me' });

// The header alone: what is in a file of any size, at once.
const { entries, metadata } = await readSafetensorsHeader('model.safetensors');
console.log(metadata['author'], entries.map(({ name, shape }) => `${name} [${shape}]`).join(', '));

// Only the tensors that are named are read.
const { tensors } = await readSafetensors('model.safetensors', new Set(['weight']));
console.log(tensors.get('weight')?.data);
