import type { Host, Recipe, RunScope } from '@hastejs/core';
import {
  type Classifier,
  type Moments,
  SHIPPED_CLASSIFIER,
  type Score,
  evenLabels,
  judgeDataset,
  openClassifier,
  scoreSamples,
  testSplitOf,
} from '@hastejs/evaluation';
import { type Ref, Services } from '@hastejs/plugin-api';
import { type SampleOptions, sampleImages } from '@hastejs/trainer';

export interface EvaluatorOptions {
  readonly host: Host;
  /** Resolved: says what the samples are of. */
  readonly recipe: Recipe;
  /** Where the recipe's relative paths start. */
  readonly baseDir: string;
  readonly backend: Ref<'backend'> | string;
  /** Weights of the classifier; default: the shipped one, for Fashion-MNIST. */
  readonly classifier?: string;
  /** Images to compare with; default: the test split of the recipe's data. */
  readonly against?: Ref<'dataset'>;
}

export interface ScoreOptions extends Pick<SampleOptions, 'sampler' | 'guidance' | 'seed' | 'weights' | 'onProgress'> {
  /** Images to draw, of every class equally many up to one; default 10,000. Compare equal counts only. */
  readonly samples?: number;
}

/** Images integrated together: a score draws thousands. */
const TOGETHER = 250;

/** Scores checkpoints against the same reference, which is looked at once. */
export class Evaluator {
  private constructor(
    private readonly options: EvaluatorOptions,
    private readonly run: RunScope,
    private readonly classifier: Classifier,
    /** Name of what samples are compared with, and what the classifier makes of it. */
    readonly reference: { readonly name: string; readonly accuracy: number; readonly moments: Moments },
    private readonly classes: number,
  ) {}

  /** @throws HasteError USAGE when there is nothing to compare with, WEIGHTS_UNREADABLE for the classifier. */
  static async open(options: EvaluatorOptions): Promise<Evaluator> {
    const { host, recipe, baseDir, backend } = options;
    await host.selectBackend(backend);
    const run = host.openRun(recipe, baseDir);
    try {
      const dataset = await run.create(options.against ?? testSplitOf(recipe.data));
      run.provide(Services.data, dataset.spec);
      const classifier = await openClassifier(run.files.resolve(options.classifier ?? SHIPPED_CLASSIFIER));
      run.onClose(() => classifier.dispose());
      const judged = await judgeDataset(classifier, dataset);
      const reference = { name: dataset.spec.name, ...judged };
      return new Evaluator(options, run, classifier, reference, dataset.spec.classes.length);
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /**
   * Draws images from a checkpoint, from its moving average unless told otherwise, and scores them.
   * @param checkpoint a run folder (its newest checkpoint) or a checkpoint folder.
   */
  async score(checkpoint: string, { samples = 10_000, ...how }: ScoreOptions = {}): Promise<Score> {
    const { host, backend } = this.options;
    const labels_B = evenLabels(this.classes, samples);
    const drawn = await sampleImages({ host, backend, checkpoint, labels_B, batchSize: TOGETHER, ...how });
    return scoreSamples(this.classifier, drawn, this.reference.moments);
  }

  close(): Promise<void> {
    return this.run.close();
  }
}
