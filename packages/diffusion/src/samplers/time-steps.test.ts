import { timeSteps } from './time-steps.js';

describe('time steps', () => {
  it('are equal and end where they should', () => {
    expect([...timeSteps(1, 0, 4)]).toEqual([1, 0.75, 0.5, 0.25, 0]);
    const steps = timeSteps(1, 0.04, 249);
    expect([steps.length, steps[0], steps[249]]).toEqual([250, 1, 0.04]);
  });

  it('are counted from the nearer end, as torch.linspace counts', () => {
    // torch.linspace(1, 0, 11, dtype=float64)
    const torch = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.30000000000000004, 0.2, 0.1, 0];
    expect([...timeSteps(1, 0, 10)]).toEqual(torch);
  });
});
