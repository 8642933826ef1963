// What package.json names to oclif: an object of gocker's commands.
const { join } = require('node:path');
const cli = require('../dist/cli.cjs');
module.exports = cli.loadPack(join(__dirname, '../dist/commands.pack'), cli)('oclif');
