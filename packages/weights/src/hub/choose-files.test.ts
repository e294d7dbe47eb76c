import { chooseFiles } from './choose-files.js';

const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const INDEX = 'model.safetensors.index.json';

it.each([
  ['safetensors before a pickle', ['pytorch_model.bin', 'model.safetensors', 'a.md'], ['model.safetensors']],
  ['an index with its shards alone', [INDEX, ...SHARDS, 'onnx/model.onnx'], [INDEX, ...SHARDS]],
  ['configs too', ['config.json', 'open_clip_model.safetensors'], ['open_clip_model.safetensors', 'config.json']],
  ['one file of whatever name', ['dino_deitsmall16.pth', 'README.md'], ['dino_deitsmall16.pth']],
  ['nothing where there is a choice', ['a.pth', 'b.pth'], null],
  ['nothing in folders', ['unet/model.safetensors'], null],
])('%s', (_, paths, chosen) => expect(chooseFiles(paths)).toEqual(chosen));
