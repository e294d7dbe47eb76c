import { EventEmitter } from 'node:events';
import { interruptible } from './interrupt.js';

describe('interruptible', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each(['SIGINT', 'SIGTERM'] as const)('aborts on the first %s and leaves the second to the system', (name) => {
    const source = new EventEmitter();
    const heard: string[] = [];
    const { signal } = interruptible(source, (first) => heard.push(first));
    expect(signal.aborted).toBe(false);
    source.emit(name);
    expect(signal.aborted).toBe(true);
    expect(heard).toEqual([name]);
    jest.advanceTimersByTime(300);
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
  });

  it('takes the same press arriving twice for one', () => {
    const source = new EventEmitter();
    let count = 0;
    interruptible(source, () => (count += 1));
    source.emit('SIGINT');
    source.emit('SIGINT');
    expect(count).toBe(1);
    expect(source.listenerCount('SIGINT')).toBe(1);
  });

  it('stops listening when disposed of', () => {
    const source = new EventEmitter();
    const { signal, dispose } = interruptible(source, () => undefined);
    dispose();
    source.emit('SIGINT');
    expect(signal.aborted).toBe(false);
  });
});
