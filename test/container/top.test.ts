import { expect, it } from 'vitest';
import { chooseRows } from '../../src/container/top.ts';

const OUTPUT = `UID          PID    PPID CMD
root           1       0 /sbin/init  two
root          42       1 sh -c a  b
`;

it('keeps the rows of the pids, the last column whole', () => {
  expect(chooseRows(OUTPUT, new Set([42]))).toEqual({
    titles: ['UID', 'PID', 'PPID', 'CMD'],
    processes: [['root', '42', '1', 'sh -c a b']],
  });
});
it('needs a column PID', () => {
  expect(() => chooseRows('COMMAND\nsh\n', new Set([1]))).toThrow('no PID column');
});
