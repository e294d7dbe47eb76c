// node probe-arm.mjs DEVICE: starts the torch backend there, computes a sum, and says in JSON what it runs on.
import { tf } from '@hastejs/tensor';
import { openHost } from '../open-case.mjs';

const [device] = process.argv.slice(2);
try {
  const { backend } = await openHost('torch', { device });
  const [sum] = await tf.add(tf.scalar(1), tf.scalar(1)).data();
  const { version, device: where } = await backend.probe();
  tell({ ok: sum === 2, detail: `${version}, ${where}` });
} catch (error) {
  tell({ ok: false, detail: error.message.split('\n')[0] });
}

function tell(answer) {
  process.stdout.write(JSON.stringify(answer), () => process.exit(answer.ok ? 0 : 1));
}
