import { describe, expect, it } from 'vitest';
import { originLines } from '../../src/cli/origins.ts';

const share = { source: 'https://one', bytes: 3_100_000, blobs: 3, parts: 0 };

describe('originLines', () => {
  it('says nothing when there is only one who could have served it', () => {
    expect(originLines({ shares: [share], mirrored: false, resumed: 0 })).toEqual([]);
  });

  it('says who served what when there are mirrors', () => {
    const other = { source: 'https://two', bytes: 12, blobs: 1, parts: 1 };
    expect(originLines({ shares: [share, other], mirrored: true, resumed: 0 })).toEqual([
      'https://one served 3 blobs, 3.1MB',
      'https://two served 1 blob (1 in part), 12B',
    ]);
  });

  it('says what was here already', () => {
    expect(originLines({ shares: [share], mirrored: false, resumed: 7_800_000 })).toEqual([
      '7.8MB were here from a pull that did not finish',
    ]);
  });
});
