import plugin, { cpuBackend } from '@hastejs/backend-cpu';
import { tf } from '@hastejs/tensor';

describe('backend/cpu', () => {
  // Each test file has its own modules: here nothing has activated a backend yet.
  it('changes nothing when it is imported or probed', async () => {
    expect(plugin.extensions).toContain(cpuBackend);
    const backend = await cpuBackend.create({}, {});
    expect((await backend.probe()).available).toBe(true);
    expect(tf.engine().backendNames()).toEqual([]);
  });

  it('becomes the backend when it is activated, without a banner', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const backend = await cpuBackend.create({}, {});
    await backend.activate();
    await backend.activate();
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
