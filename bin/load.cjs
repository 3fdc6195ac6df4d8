'use strict'
// Loads a program with what V8 made of it when it was built: half of a start would be compiling.
const { readFileSync } = require('node:fs')
const { Script } = require('node:vm')
const { dirname, join } = require('node:path')
const { fileURLToPath, pathToFileURL } = require('node:url')

/** What V8 made; another V8 ignores it. */
function cacheOf(filename) {
  try {
    return readFileSync(filename.replace(/cjs$/, 'cache'))
  } catch {
    return undefined
  }
}

/** A module of Node's, loaded when something of it is first used. */
function later(name) {
  return new Proxy({}, { get: (_, key) => require(name)[key] })
}

/**
 * @param {string | URL} place of the program
 * @returns {{ exports: object, script: import('node:vm').Script }} for `createCachedData`
 */
module.exports = (place) => {
  const filename = place instanceof URL ? fileURLToPath(place) : place
  const Module = module.constructor
  // The build has put the function around it that Node would: half a megabyte less of letters in each start.
  const source = readFileSync(filename, 'utf8')
  const script = new Script(source, { filename, cachedData: cacheOf(filename) })
  // As `require` would: parts that are loaded later take from it what it has.
  const program = new Module(filename, module)
  program.filename = filename
  program.paths = module.paths
  const directory = dirname(filename)
  // A script from a cache has no `import` of its own (Node 20): the build has put this in its place.
  program.load = (specifier) =>
    import(specifier.startsWith('.') ? pathToFileURL(join(directory, specifier)) : specifier)
  program.later = later
  require.cache[filename] = program
  script.runInThisContext()(program.exports, require, program, filename, directory)
  return { exports: program.exports, script }
}
