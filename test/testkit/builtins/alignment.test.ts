import { blocks, dispersive, featureAlignment, pairs, sit } from '@hastejs/haste';
import lossDispersive from '@hastejs/loss-dispersive';
import lossFeature from '@hastejs/loss-feature';
import { fakeTeacher } from '@hastejs/testkit';
import { testBuiltins } from './test-builtins.js';

/** Models as deep as the published ones. */
const deep = {
  student: sit({ hiddenSize: 8, depth: 12, numHeads: 1, patchSize: 4 }),
  alignment: { teacher: fakeTeacher({ blocks: 12 }) },
};
/** A term that no teacher takes part in. */
const alone = {
  alignment: { teacher: null, terms: { feature: { loss: dispersive(), layers: blocks({ blocks: [1] }) } } },
};
const plugins = [lossFeature];
const loss = featureAlignment({ hidden: 8 });

testBuiltins(['alignmentLoss', 'targetLayers'], () => ({
  'loss/feature': { options: { hidden: 8 } },
  'loss/feature-conv': {},
  'loss/attention': {},
  'loss/relation': { options: { penalty: 'squared' } },
  'loss/dispersive': [{}, { name: 'hinge', options: { form: 'hinge', margin: 3 } }],
  'loss/spatial-norm': { options: { loss }, plugins },
  'loss/token-weights': [
    { options: { loss, by: 'contrast' }, plugins },
    { name: 'by attention', options: { loss, by: 'attention' }, plugins },
  ],
  'layers/blocks': { options: { blocks: [1] }, recipe: alone, plugins: [lossDispersive] },
  'layers/pairs': { options: pairs({ pairs: [[1, 'final'], [0, 1]] }).with }, // prettier-ignore
  'layers/published': { options: { reads: 'tokens', model: 'SiT-B' }, recipe: deep },
  'layers/relative': { options: { pairs: [[0.5, 1], [1, 'final']] } }, // prettier-ignore
}));
