/** Weights under their usual names, in the order of preference; an index brings its shards. */
const WEIGHTS: readonly { readonly name: string; readonly shards?: RegExp }[] = [
  { name: 'model.safetensors' },
  { name: 'model.safetensors.index.json', shards: /^model-\d+-of-\d+\.safetensors$/ },
  { name: 'open_clip_model.safetensors' },
  { name: 'pytorch_model.bin' },
  { name: 'open_clip_pytorch_model.bin' },
];

/** What says how to use weights. */
const BESIDE = ['config.json', 'preprocessor_config.json', 'open_clip_config.json'];

/** The weights of a repository and what lies beside them; null when it has none under a usual name. */
export function chooseFiles(paths: readonly string[]): string[] | null {
  const chosen = WEIGHTS.find(({ name }) => paths.includes(name)) ?? alone(paths);
  if (!chosen) return null;
  const shards = paths.filter((path) => chosen.shards?.test(path));
  return [chosen.name, ...shards, ...BESIDE.filter((name) => paths.includes(name))];
}

/** Authors who publish one model have one file of whatever name. */
function alone(paths: readonly string[]): (typeof WEIGHTS)[number] | null {
  for (const kind of [/^[^/]+\.safetensors$/, /^[^/]+\.(pth|pt|bin)$/]) {
    const names = paths.filter((path) => kind.test(path));
    if (names.length === 1) return { name: names[0]! };
  }
  return null;
}
