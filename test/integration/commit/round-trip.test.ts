import { testRoundTrip } from './round-trip.ts';

testRoundTrip('overlayfs');
