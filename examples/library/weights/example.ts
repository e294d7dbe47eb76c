import { openWeights } from '@hastejs/weights';

// A .safetensors file, a .pth or .bin of PyTorch, shards with their index, or a folder that holds any of them.
const file = await openWeights(process.argv[2] ?? './model.pth');
for (const [name, shape] of file.shapes) console.log(name, file.dtypes.get(name), shape.join('×'));

// Nothing but shapes has been read so far. What is read is named.
const [first = ''] = file.shapes.keys();
const tensors = await file.read([first]);
console.log(`${first} has ${tensors[first]?.data.length} numbers; the contents are ${await file.fingerprint()}`);
await file.close();
