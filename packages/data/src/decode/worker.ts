// The decoding thread. The codec runs on Node's own thread pool, resampling and cropping on this thread.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { decodeImage } from './decode-image.js';
import type { DecodeJob, DecodeOptions, DecodeReply } from './messages.js';

const options = workerData as DecodeOptions;
// For the whole process: images are decoded side by side, so that threads within one image would only add switches, and
// no file is read twice.
sharp.concurrency(1);
sharp.cache(false);

parentPort!.on('message', (job: DecodeJob) => void answer(job));

async function answer({ id, path }: DecodeJob): Promise<void> {
  let kind: 'file' | 'image' = 'file';
  try {
    const bytes = await readFile(path);
    kind = 'image';
    const pixels_CHW = await decodeImage(bytes, options);
    parentPort!.postMessage({ id, pixels_CHW } satisfies DecodeReply, [pixels_CHW.buffer as ArrayBuffer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    parentPort!.postMessage({ id, fault: { kind, reason } } satisfies DecodeReply);
  }
}
