/** The two halves of a generated name. */
export const ADJECTIVES = (
  'able amber ample bold brave brief bright brisk calm clear clever cool crisp deft eager early easy fair fast fine ' +
  'fond fresh gentle glad golden good grand happy hardy keen kind light lively lucky mellow merry mild neat nimble ' +
  'noble patient plain proud quick quiet ready rosy round sharp silent silver smart snug solid spry steady still ' +
  'stout sunny swift tidy true vivid warm wise witty young zesty'
).split(' ');

export const NOUNS = (
  'acorn anchor arbor aspen badger beacon beaver birch bison brook canyon cedar clover comet condor coral crane ' +
  'cricket delta dune eagle ember falcon fern finch fjord gecko glacier grove harbor hazel heron ibis island juniper ' +
  'kestrel lagoon lark lemur lichen linden lynx maple marten meadow moose nebula newt oak orchid osprey otter owl ' +
  'panda pebble pine plover poplar prairie puffin quail quartz raven reef river robin sable salmon sparrow spruce ' +
  'stork summit swan thicket tiger tulip tundra walnut willow wren yak'
).split(' ');
