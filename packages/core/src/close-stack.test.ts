import { CloseStack } from './close-stack.js';

function stackOf(...names: string[]) {
  const closed: string[] = [];
  const reports: string[] = [];
  const stack = new CloseStack((message) => reports.push(message));
  const owners = names.map((name) => {
    const owner = { name };
    stack.push(owner, name, async () => {
      await Promise.resolve();
      closed.push(name);
    });
    return owner;
  });
  return { stack, owners, closed, reports };
}

it('closes last in, first out, one after the other, once', async () => {
  const { stack, closed } = stackOf('a', 'b', 'c');
  await Promise.all([stack.close(), stack.close()]);
  await stack.close();
  expect(closed).toEqual(['c', 'b', 'a']);
});

it('lets everybody who closes it wait for the end', async () => {
  const { stack, closed } = stackOf('a');
  stack.push({}, 'slow', () => new Promise<void>((done) => setTimeout(() => done(void closed.push('slow')), 10)));
  void stack.close();
  await stack.close();
  expect(closed).toEqual(['slow', 'a']);
});

it('goes on when one fails, and reports it', async () => {
  const { stack, closed, reports } = stackOf('a');
  stack.push({}, 'the log', () => {
    throw new Error('disk full');
  });
  await stack.close();
  expect(closed).toEqual(['a']);
  expect(reports).toEqual(['the log could not be closed: disk full']);
});

it('releases one early and never closes it again', async () => {
  const { stack, owners, closed } = stackOf('a', 'b');
  await stack.release(owners[0]!);
  await stack.release(owners[0]!);
  expect(closed).toEqual(['a']);
  await stack.close();
  expect(closed).toEqual(['a', 'b']);
});
