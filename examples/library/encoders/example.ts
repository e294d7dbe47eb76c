import { cpuBackend } from '@hastejs/backend-cpu';
import { FAMILY_TRANSFORMS, openEncoder } from '@hastejs/encoders';
import { type Tensor4D, tf } from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const path = process.argv[2] ?? './dinov2_vits14.pth';
const open = await openEncoder({ path, label: path, published: null });
const { grid, patchSize, channels, hiddenSize, depth } = open.spec;
console.log(`${open.family}: ${depth} blocks of width ${hiddenSize}, ${grid.height}×${grid.width} patches`);
console.log('its pictures are prepared like this:', FAMILY_TRANSFORMS[open.family]);

// Tokens of the last block for one picture, and nothing is computed after it.
const encoder = await open.load();
const picture_BCHW = tf.zeros([1, channels, grid.height * patchSize, grid.width * patchSize]) as Tensor4D;
const { tokens } = encoder.taps(picture_BCHW, { tokens: [depth - 1], attention: [] });
console.log('class token, registers and patches:', tokens.get(depth - 1)?.shape);
encoder.dispose();
await open.close();
