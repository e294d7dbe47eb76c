/** One kind of extension that a plugin can be begun with. */
export interface PluginKind {
  /** As `--kind` takes it; also the folder under templates/. */
  readonly flag: string;
  /** For people, in a sentence: "a …". */
  readonly words: string;
  /** Ids are `<prefix>/<name>`. */
  readonly prefix: string;
  /** Ends the name that the extension is exported by: `gaborTeacher`. Keeps it apart from everything else in the code. */
  readonly suffix: string;
  /** What the template is: a real extension, to be changed into one's own. */
  readonly template: string;
  /** Packages that its code imports besides the plugin API, tensor and zod. */
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Packages of Haste that its code imports besides the plugin API and tensor. */
  readonly peers?: readonly string[];
}

const TFJS = '4.22.0';

export const PLUGIN_KINDS: readonly PluginKind[] = [
  {
    flag: 'teacher',
    words: 'teacher',
    prefix: 'teacher',
    suffix: 'Teacher',
    template: 'an encoder of oriented edges, which needs no weights',
  },
  {
    flag: 'alignment-loss',
    words: 'alignment loss',
    prefix: 'loss',
    suffix: 'Loss',
    template: 'smooth L1 distance to whitened teacher tokens',
  },
  {
    flag: 'target-layers',
    words: 'choice of target layers',
    prefix: 'layers',
    suffix: 'Layers',
    template: 'pairs of blocks spread evenly over a range of depth',
  },
  {
    flag: 'trigger',
    words: 'termination trigger',
    prefix: 'trigger',
    suffix: 'Trigger',
    template: 'ends alignment when its gain per step has become small',
  },
  {
    flag: 'metric',
    words: 'metric',
    prefix: 'metric',
    suffix: 'Metric',
    template: 'how alike the tokens of one image have become, by block',
  },
  {
    flag: 'student',
    words: 'student',
    prefix: 'student',
    suffix: 'Student',
    template: 'a diffusion transformer that reads time and class as tokens',
    peers: ['@hastejs/models'],
  },
  {
    flag: 'dataset',
    words: 'data set',
    prefix: 'data',
    suffix: 'Data',
    template: 'drawn discs, squares and triangles, which needs no files',
  },
  {
    flag: 'sampler',
    words: 'sampler',
    prefix: 'sampler',
    suffix: 'Sampler',
    template: 'Adams–Bashforth: second order, one evaluation a step',
  },
  {
    flag: 'optimizer',
    words: 'optimizer',
    prefix: 'optimizer',
    suffix: 'Optimizer',
    template: 'Lion: steps of equal size, one moment',
  },
  {
    flag: 'logger',
    words: 'run logger',
    prefix: 'logger',
    suffix: 'Logger',
    template: 'a CSV file that spreadsheets open',
  },
  {
    flag: 'backend',
    words: 'backend',
    prefix: 'backend',
    suffix: 'Backend',
    template: 'the cpu backend, which stops at the first kernel that gives NaN',
    dependencies: { '@tensorflow/tfjs-core': TFJS, '@tensorflow/tfjs-backend-cpu': TFJS },
  },
];

/** Other words that people may type for a kind. */
const ALIASES: Readonly<Record<string, string>> = {
  loss: 'alignment-loss',
  layers: 'target-layers',
  'data-set': 'dataset',
  data: 'dataset',
};

/** The kind of a flag's value, in any case: `teacher`, `alignmentLoss`, `alignment-loss`, `loss`. */
export function kindOf(text: string): PluginKind | undefined {
  const dashed = text
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/[\s_]+/g, '-')
    .toLowerCase();
  const flag = ALIASES[dashed] ?? dashed;
  return PLUGIN_KINDS.find((kind) => kind.flag === flag);
}
