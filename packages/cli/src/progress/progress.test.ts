import { captureIo, onScreen, plain } from '#support/capture-io.js';
import { Progress } from './progress.js';

function watched(io = captureIo({ columns: 100 })) {
  let seconds = 0;
  const progress = new Progress(io, () => seconds);
  const step = (done: number, details: string[] = [], took = 1) => {
    seconds += took;
    progress.update(done, details);
  };
  return { io, progress, step };
}

describe('Progress on a terminal', () => {
  it('redraws one line with rate, time left and details', () => {
    const { io, progress, step } = watched();
    progress.start('train', 0, 100);
    for (let done = 1; done <= 40; done++) step(done, ['aligning', 'loss 0.7123'], 0.5);
    expect(onScreen(io.err.text)).toEqual([
      'train ██████████░░░░░░░░░░░░░░ 40/100  2.00 steps/s  30s left  aligning  loss 0.7123',
    ]);
    expect(io.out.text).toBe('');
  });

  it.each([1, 12, 20, 34, 35, 60, 80])('never reaches the last of %i columns', (columns) => {
    const { io, progress, step } = watched(captureIo({ columns, env: { NO_COLOR: '1' } }));
    progress.start('train', 0, 1000);
    for (let done = 1; done <= 9; done++) step(done, ['aligning', 'loss 0.7123', 'denoise 0.6', 'attention 4.1234']);
    const drawn = io.err.text.split('\r').map(plain);
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(columns);
  });

  it('takes a terminal without a width for one of 80 columns', () => {
    const { io, progress } = watched(captureIo({ columns: 0 }));
    progress.start('train', 0, 10);
    expect(onScreen(io.err.text)).toEqual([`train ${'░'.repeat(24)} 0/10`]);
  });

  it('writes a few lines a second at most, and always the last state', () => {
    const { io, progress, step } = watched();
    progress.start('train', 0, 1000);
    for (let done = 1; done <= 1000; done++) step(done, [], 0.001);
    progress.end();
    expect(io.err.text.split('\r').length).toBeLessThan(15);
    expect(onScreen(io.err.text)[0]).toContain('1000/1000');
    expect(io.err.text.endsWith('\n')).toBe(true);
  });

  it('keeps notes above the bar', () => {
    const { io, progress, step } = watched();
    progress.start('train', 0, 2);
    step(1);
    progress.note('alignment ended');
    step(2);
    progress.end();
    expect(onScreen(io.err.text)[0]).toBe('alignment ended');
    expect(onScreen(io.err.text)[1]).toContain('2/2');
  });

  it('measures anew after a change of pace', () => {
    const { io, progress, step } = watched();
    progress.start('train', 0, 100);
    for (let done = 1; done <= 4; done++) step(done, [], 4);
    progress.newPace();
    for (let done = 5; done <= 8; done++) step(done, [], 0.5);
    expect(onScreen(io.err.text)[0]).toContain('2.00 steps/s');
  });

  it('uses colours, and none under NO_COLOR', () => {
    const draw = (env: Record<string, string>) => {
      const { io, progress } = watched(captureIo({ columns: 80, env }));
      progress.start('train', 1, 2);
      return io.err.text;
    };
    expect(draw({})).toContain('\u001B[36m');
    expect(draw({ NO_COLOR: '1' })).not.toMatch(/\u001B\[\d+m/);
  });
});

describe('Progress elsewhere', () => {
  it('writes a plain line every ten seconds and at the end', () => {
    const { io, progress, step } = watched(captureIo());
    progress.start('train', 0, 25);
    for (let done = 1; done <= 25; done++) step(done, ['aligning']);
    progress.end();
    expect(io.err.lines).toEqual([
      'train 10/25 (40%) · 1.00 steps/s · 15s left · aligning',
      'train 20/25 (80%) · 1.00 steps/s · 5s left · aligning',
      'train 25/25 (100%) · 1.00 steps/s · aligning',
    ]);
  });

  it('treats a dumb terminal as no terminal', () => {
    const { io, progress, step } = watched(captureIo({ columns: 80, env: { TERM: 'dumb' } }));
    progress.start('train', 0, 1);
    step(1);
    expect(io.err.text).not.toContain('\r');
  });

  it('says seconds a step when steps are slow', () => {
    const { io, progress, step } = watched(captureIo());
    progress.start('train', 0, 3);
    step(1, [], 15);
    expect(io.err.lines).toEqual(['train 1/3 (33%) · 15.0 s/step · 30s left']);
  });
});
