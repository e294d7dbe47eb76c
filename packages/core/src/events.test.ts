import { keptNotices } from '#support/samples.js';
import { RunEvents } from './events.js';

const saved = { step: 3, path: '/runs/x', reason: 'scheduled' };

it('calls listeners in order until they stop listening', () => {
  const events = new RunEvents(keptNotices());
  const heard: string[] = [];
  const stop = events.on('checkpoint:saved', ({ step }) => heard.push(`a${step}`));
  events.on('checkpoint:saved', ({ step }) => heard.push(`b${step}`));
  events.emit('checkpoint:saved', saved);
  stop();
  events.emit('checkpoint:saved', { ...saved, step: 4 });
  expect(heard).toEqual(['a3', 'b3', 'b4']);
});

it('survives listeners that throw or reject, and says so once each', async () => {
  const notices = keptNotices();
  const events = new RunEvents(notices);
  const heard = jest.fn();
  events.on('checkpoint:saved', () => {
    throw new Error('no screen');
  });
  events.on('checkpoint:saved', (async () => Promise.reject(new Error('no network'))) as () => void);
  events.on('checkpoint:saved', heard);
  events.emit('checkpoint:saved', saved);
  events.emit('checkpoint:saved', saved);
  await new Promise(setImmediate);
  expect(heard).toHaveBeenCalledTimes(2);
  expect(notices.warnings).toEqual([expect.stringContaining('no screen'), expect.stringContaining('no network')]);
});

it('gives listeners facts that they cannot change, for each other or for the run', () => {
  const events = new RunEvents(keptNotices());
  const losses = { 'loss/total': 1 };
  const seen: number[] = [];
  events.on('step:completed', (event) => {
    (event.losses as Record<string, number>)['loss/total'] = 7;
  });
  events.on('step:completed', (event) => seen.push(event.losses['loss/total']!));
  events.emit('step:completed', { step: 1, losses, seconds: 1, phase: 'free' });
  expect(seen).toEqual([1]);
  expect(losses).toEqual({ 'loss/total': 1 });
  expect(Object.isFrozen(losses)).toBe(false);
});
