import { epochOrder, fashionMnist, imageGrid, writePng } from '@hastejs/data';
import { rng } from '@hastejs/tensor';

const files = { resolve: (path: string) => path };
const options = fashionMnist.options.parse({ split: 'test', source: 'shipped' });
const dataset = await fashionMnist.create(options, { files, notices: console });
const { length, classes, image } = dataset.spec;
console.log(`${length} images, ${image.width}×${image.height}: ${classes.join(', ')}`);

// The order is a function of the seed and the step: nothing to save, and any step can be asked for.
const indices = epochOrder(length, rng(0)).indicesAt(1000, 20);
const { images_BCHW, labels_B } = await dataset.read(indices, rng(0));
console.log(`${classes[labels_B[0]!]} and ${labels_B.length - 1} more`);
await writePng('garments.png', imageGrid(images_BCHW, image, { columns: 5 }));
await dataset.dispose();
