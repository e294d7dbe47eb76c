import { plateau } from '@hastejs/trigger-plateau';

const options = plateau.options.parse({ metric: 'validation', window: 10, patience: 2 });
const trigger = await plateau.create(options, {});

// Somebody else's training and measurements. The trigger's state is JSON: keep it in your checkpoint.
let state = trigger.init();
for (let step = 1; step <= 500; step++) {
  const validation = 1 + Math.exp(-step / 40) + 0.01 * Math.sin(step * 7);
  const seen = { step, epoch: 0, imagesSeen: 32 * step, metrics: { validation } };
  const decision = trigger.decide(state, seen);
  state = decision.state;
  if (decision.stop !== undefined) {
    console.log(`step ${step}: ${decision.stop}`);
    break;
  }
}
