import { Services, token } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { ServiceScope } from './container.js';

const greeting = token<string, 'process'>('greeting', 'process', 'A word.');
const name = token<string | null, 'run'>('name', 'run', 'A name.');

function scopes() {
  const process = ServiceScope.process();
  process.provide(greeting, 'hello');
  return { process, run: ServiceScope.run(process) };
}

it('gives a run its own services and those of the process', () => {
  const { run } = scopes();
  run.provide(name, 'ada');
  expect(run.services({ a: greeting, b: name }, 'test')).toEqual({ a: 'hello', b: 'ada' });
});

it('keeps null as a value', () => {
  const { run } = scopes();
  run.provide(name, null);
  expect(run.get(name, 'test')).toBeNull();
});

it('hides the services of a run from other runs and from the process', () => {
  const { process, run } = scopes();
  run.provide(name, 'ada');
  expect(() => ServiceScope.run(process).get(name, 'test')).toThrow(/run scope does not offer/);
  expect(() => process.get(name, 'test')).toThrow(/process scope does not offer/);
});

it('makes a service of every run once a run, from the services of that run, and only when asked', () => {
  const process = ServiceScope.process();
  const make = jest.fn((run: ServiceScope<'run'>) => rng(run.get(name, 'rng')!.length));
  process.providePerRun(Services.rng, make);
  const [one, two] = [ServiceScope.run(process), ServiceScope.run(process)];
  one.provide(name, 'a');
  two.provide(name, 'abc');
  expect(make).not.toHaveBeenCalled();
  expect(one.get(Services.rng, 'test')).toBe(one.get(Services.rng, 'test'));
  expect([one, two].map((run) => run.get(Services.rng, 'test').seed)).toEqual([1, 3]);
  expect(make).toHaveBeenCalledTimes(2);
  expect(() => process.get(Services.rng, 'test')).toThrow(/SERVICE_UNKNOWN/);
});

it('refuses a second value instead of letting the last one win', () => {
  const { process, run } = scopes();
  process.providePerRun(Services.rng, () => rng(1));
  expect(() => process.provide(greeting, 'again')).toThrow(/"greeting" is provided twice.*SERVICE_DUPLICATE/s);
  expect(() => run.provide(Services.rng, rng(2))).toThrow(/SERVICE_DUPLICATE/);
  expect(run.get(greeting, 'test')).toBe('hello');
});

it('says who asked for an unknown service, in which scope, and what there is', () => {
  const { run } = scopes();
  run.provide(name, 'ada');
  const missing = token<number, 'run'>('answer', 'run', 'A number.');
  expect(() => run.services({ x: missing }, 'loss/x (acme 1.0.0)')).toThrow(
    /loss\/x \(acme 1\.0\.0\) asks for the service "answer" \(run scope\).*greeting, name/s,
  );
});

it('knows tokens by key, not by identity: plugins may carry their own copy of the API', () => {
  const { run } = scopes();
  run.provide(name, 'ada');
  expect(run.get({ ...name }, 'test')).toBe('ada');
});
