import { testRoundTrip } from './round-trip.ts';

testRoundTrip('vfs');
