'use strict'
// Loads the program with what V8 made of it when it was built: half of a start would be compiling.
const { readFileSync } = require('node:fs')
const { Script } = require('node:vm')
const { dirname } = require('node:path')

/**
 * @param {string} filename of the program
 * @param {Buffer} [cachedData] from `createCachedData` of the script that an earlier call returned; another V8's is ignored
 * @returns {import('node:vm').Script}
 */
module.exports = (filename, cachedData) => {
  const Module = module.constructor
  const script = new Script(Module.wrap(readFileSync(filename, 'utf8')), { filename, cachedData })
  // As `require` would: parts that are loaded later take from it what it has.
  const program = new Module(filename, module)
  program.filename = filename
  program.paths = module.paths
  // A script from a cache has no `import` of its own (Node 20): the build has put this in its place.
  program.load = (specifier) => import(specifier.replace(/^\.\//, '../dist/'))
  require.cache[filename] = program
  script.runInThisContext()(program.exports, require, program, filename, dirname(filename))
  return script
}
