// B batch, C channels, H×W pixels, N tokens with class and registers, D width.
import {
  type PositionResampling,
  type ReadVit,
  type VitFamilyId,
  type VitHint,
  type VitSpec,
  foldLayerScale,
  moveToGrid,
  readVit,
  vitForward,
  vitPool,
} from '@hastejs/models';
import { type TapValues, type Taps, type TokenGrid, sameGrid } from '@hastejs/plugin-api';
import { type Params, type Tensor2D, type Tensor4D, disposeParams, paramsFromHost, tf } from '@hastejs/tensor';
import { type OpenWeights, type WeightFile, openWeights } from '@hastejs/weights';
import { inChunks } from './chunks.js';
import { FAMILY_TRANSFORMS, type FamilyTransform } from './preprocessing/family-transform.js';
import { NORMALISATIONS } from './preprocessing/normalisation.js';
import { publishedTransform } from './preprocessing/published-transform.js';
import { type Beside, readBeside } from './weights/beside.js';
import type { LocatedWeights } from './weights/locate.js';

/** A weight file that was recognised and held against its family; no data has been read. */
export interface OpenEncoder {
  readonly label: string;
  readonly family: VitFamilyId;
  readonly spec: VitSpec;
  readonly resampling: PositionResampling;
  /** How images are prepared: as the file's publisher says, or as its family does. */
  readonly transform: FamilyTransform;
  /** Reads the weights onto the backend, for images of another grid if one is given. */
  load(grid?: TokenGrid, positions?: PositionResampling): Promise<Encoder>;
  close(): Promise<void>;
}

/** A frozen vision transformer on the backend. Every call may be made inside a tidy; what it gives belongs to the caller. */
export interface Encoder {
  /** With the grid that its positions are for; without LayerScale, which is folded into its linears. */
  readonly spec: VitSpec;
  /**
   * The taps asked for, class and register tokens first; nothing after the last of them is computed.
   * @param x_BCHW prepared images of `spec.grid × spec.patchSize` pixels.
   * @param chunk most images that are run at a time.
   */
  taps(x_BCHW: Tensor4D, taps: Taps, chunk?: number): TapValues;
  /** One vector an image, as the model pools: [B, D]. @throws HasteError SHAPE_MISMATCH when it pools nothing. */
  pooled(x_BCHW: Tensor4D): Tensor2D;
  /** Frees the weights; once is enough, twice does no harm. */
  dispose(): void;
}

/**
 * Opens a weight file, recognises its family and checks every tensor's shape.
 * @param options what nothing in the file tells, or what shall count instead; and which entry of a checkpoint is meant.
 * @throws HasteError WEIGHTS_UNREADABLE or WEIGHTS_MISMATCH
 */
export async function openEncoder(
  { path, label, published }: LocatedWeights,
  { entry, ...hint }: VitHint & OpenWeights = {},
): Promise<OpenEncoder> {
  const file = await openWeights(path, { entry });
  try {
    const beside = await readBeside(file);
    const { numHeads } = beside.metadata;
    const read = readVit(file.shapes, beside.config, {
      ...(published && { family: published.family }),
      ...(numHeads !== undefined && { heads: numHeads }),
      ...hint,
      where: path,
    });
    const transform = transformOf(read.family, beside, published);
    const { family, spec, resampling } = read;
    return {
      label,
      family,
      spec,
      resampling,
      transform,
      load: (grid = spec.grid, positions = resampling) => loadEncoder(file, read, grid, positions),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The file's own word counts most, then the catalogue's, then the family's. */
function transformOf(family: VitFamilyId, beside: Beside, published: LocatedWeights['published']): FamilyTransform {
  const own = beside.metadata.normalisation;
  return {
    ...FAMILY_TRANSFORMS[family],
    ...(published && { normalisation: NORMALISATIONS[published.normalisation] }),
    ...publishedTransform(beside),
    ...(own && { normalisation: own }),
  };
}

async function loadEncoder(
  file: WeightFile,
  read: ReadVit,
  grid: TokenGrid,
  positions: PositionResampling,
): Promise<Encoder> {
  const folded = foldLayerScale(read.spec, read.assemble(await file.read(read.sources)));
  const loaded = paramsFromHost(folded.tensors);
  if (sameGrid(grid, folded.spec.grid)) return makeEncoder(folded.spec, loaded);
  const { spec, params } = moveToGrid(folded.spec, loaded, grid, positions);
  if (params['pos_embed'] !== loaded['pos_embed']) loaded['pos_embed']?.dispose();
  return makeEncoder(spec, params);
}

function makeEncoder(spec: VitSpec, params: Params): Encoder {
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new Error('An encoder was called after its disposal.');
  };
  return {
    spec,
    taps(x_BCHW, taps, chunk = Infinity) {
      alive();
      return inChunks(x_BCHW, chunk, (part_BCHW) => vitForward(spec, params, part_BCHW, taps));
    },
    pooled(x_BCHW) {
      alive();
      return tf.tidy(() => {
        const { tokens } = vitForward(spec, params, x_BCHW, { tokens: ['final'], attention: [] });
        return vitPool(spec, params, tokens.get('final')!);
      });
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      disposeParams(params);
    },
  };
}
