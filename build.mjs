/**
 * Builds dist/: the command (`main.cjs`, and what V8 made of it: `main.cache`), one bundle for each `*.lazy.ts` that it imports
 * dynamically (`<name>.mjs`, with what several share: `part-….mjs`), the library (`index.js`, and the same in `library`) and the
 * licences of what is bundled.
 *
 * `node build.mjs --generate` runs src/cli/generate.ts instead; `--try` runs what was built, once; with
 * `--no-cache` it does without what V8 makes.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import Module, { createRequire, syncBuiltinESMExports } from 'node:module'
import { devNull, tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import v8 from 'node:v8'
import { build } from 'esbuild'

const ROOT = import.meta.dirname
const DIST = join(ROOT, 'dist')
const COMMAND = 'src/cli/bin.ts'
const PROGRAM = 'src/cli/main.ts'
const LIBRARY = 'src/index.ts'
/** Made by running what was built. */
const CACHE = 'main.cache'
const HELP = 'help.json'
const LAZY = /\.lazy\.tsx?$/

const load = createRequire(import.meta.url)('./bin/load.cjs')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** What users install beside lswarm stays outside; everything else (devDependencies) is bundled. */
const external = Object.keys({
  ...manifest.dependencies,
  ...manifest.optionalDependencies,
  ...manifest.peerDependencies,
})

/** Packages that are replaced by nothing, or by just enough. */
const STUBS = {
  // Its start-up costs more than it saves on a topic's name: blake2b falls back to plain JavaScript.
  'blake2b-wasm':
    "module.exports = { SUPPORTED: false, ready(done) { done(new Error('WebAssembly is left out')) } }",
  // Ink asks for these only when DEV=true, which is defined away below.
  'react-devtools-core': 'module.exports = { initialize() {}, connectToDevTools() {} }',
  ws: 'module.exports = class {}',
  // Ink draws nothing in CI; whether to draw is decided before it is loaded.
  'is-in-ci': 'export default false',
}

const stubs = {
  name: 'stubs',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(STUBS).join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'stub' }))
    onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: STUBS[path] }))
  },
}

/**
 * `process` is there for everyone. Imported by 23 files, it would be copied 23 times, property by property: 3 ms of each
 * start (measured).
 */
const globalProcess = {
  name: 'global-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:process$/ }, ({ path }) => ({ path, namespace: 'global' }))
    onLoad({ filter: /.*/, namespace: 'global' }, () => ({ contents: 'export default globalThis.process' }))
  },
}

/** Leaves `import('./x.lazy.ts')` out of a bundle, as `import('./x.mjs')`, and notes x in `found`. */
function lazyImports(found) {
  return {
    name: 'lazy-imports',
    setup({ onResolve }) {
      onResolve({ filter: LAZY }, ({ path, kind, resolveDir, importer }) => {
        if (kind === 'entry-point') return undefined
        const file = relative(ROOT, resolve(resolveDir, path))
        if (kind !== 'dynamic-import') {
          return { errors: [{ text: `${file} is imported statically by ${relative(ROOT, importer)}` }] }
        }
        const name = basename(file).replace(LAZY, '')
        const other = found.get(name)
        if (other && other !== file) return { errors: [{ text: `${file} and ${other} have the same name` }] }
        found.set(name, file)
        return { path: `./${name}.mjs`, external: true }
      })
    },
  }
}

/**
 * In a lazy bundle, takes the modules that the command has already loaded from it: a second copy of
 * errors.ts would be a second SwarmError, and a second memory.ts another Hub.
 */
function sharedModules(inCommand, shared) {
  return {
    name: 'shared-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\/.*\.tsx?$/ }, ({ path, kind, resolveDir }) => {
        const file = relative(ROOT, resolve(resolveDir, path))
        if (kind !== 'import-statement' || !inCommand.has(file)) return undefined
        shared.add(file)
        return { path: file, namespace: 'shared' }
      })
      onResolve({ filter: /^\.\/main\.cjs$/, namespace: 'shared' }, ({ path }) => ({
        path,
        external: true,
      }))
      onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = require('./main.cjs').shared[${JSON.stringify(path)}]`,
      }))
    },
  }
}

const common = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  external,
  logLevel: 'warning',
}

/**
 * A program of ours: what is loaded at once, its lazy parts beside it, and what those share with it.
 * @typedef {object} Program
 * @property {string} outdir
 * @property {string[]} contents of its entry
 * @property {object} how more options for esbuild
 */

/** What every run of the command loads. */
const command = {
  outdir: 'dist',
  contents: [`import './${COMMAND}'`, `export { main } from './${PROGRAM}'`],
  how: { minify: true },
}

/** The library, readable. */
const library = {
  outdir: 'dist/library',
  contents: [`export * from './${LIBRARY}'`],
  how: {},
}

/** CommonJS, because an .mjs costs a fifth of start-up, and because V8's cache needs a script. */
function buildMain({ outdir, contents, how }, lazy, shared) {
  const files = [...shared]
  const all = [
    ...contents,
    // Got when it is asked for: no start pays for what a lazy bundle shares with a part that is not used.
    `export const shared = { ${files.map((file) => `get '${file}'() { return require('./${file}') }`)} }`,
  ]
  return build({
    ...common,
    ...how,
    outdir,
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    stdin: { contents: all.join('\n'), resolveDir: ROOT, sourcefile: 'main.js' },
    entryNames: 'main',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [lazyImports(lazy), globalProcess, stubs],
  })
}

/**
 * Of Node's own, what takes a millisecond or more to load (crypto 4.2, tty and child_process 3.5, net 2.6, zlib 1.7): who uses
 * it first loads it, and not who may.
 */
const HEAVY = ['child_process', 'crypto', 'dgram', 'net', 'readline', 'tty', 'zlib']
const HEAVY_REQUIRED = new RegExp(`\\brequire\\(("node:(?:${HEAVY.join('|')})")\\)`, 'g')

/** See bin/load.cjs. */
function asScript(result) {
  const outputFiles = result.outputFiles.map(({ path, text }) => {
    const script = text
      .replaceAll(/\bimport\(("[^"]+")\)/g, 'module.load($1)')
      .replaceAll(HEAVY_REQUIRED, 'module.later($1)')
    return { path, contents: Buffer.from(Module.wrap(script)) }
  })
  return { ...result, outputFiles }
}

/**
 * The parts of a program that few runs need, and what several of them need once: ESM, because Ink's layout engine
 * awaits at its top level.
 */
async function buildLazy({ outdir }, lazy, inMain, shared) {
  const entries = new Map(lazy)
  const result = await build({
    ...common,
    outdir,
    entryPoints: Object.fromEntries(entries),
    splitting: true,
    chunkNames: 'part-[hash]',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    // Most of it is other people's, and Ink without the names of its variables is half as long.
    minify: true,
    banner: {
      js: "import{createRequire as createRequireHere}from'node:module';const require=createRequireHere(import.meta.url);",
    },
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
      // yargs asks for the width of the screen as it is loaded; the asking alone would make a pipe on
      // stdout non-blocking, for everyone who writes to it. Our help has a width of its own.
      'process.stdout.columns': 'undefined',
      // Ink's layout engine would fetch what it holds itself, and Node would load all that speaks HTTP: 25 ms.
      fetch: 'undefined',
    },
    plugins: [lazyImports(lazy), sharedModules(inMain, shared), stubs],
  })
  // A lazy module may import another one, which is known by now.
  return lazy.size > entries.size ? buildLazy({ outdir }, lazy, inMain, shared) : result
}

/** All bundles of a program. */
async function buildProgram(program) {
  const lazy = new Map()
  const shared = new Set()
  let main = await buildMain(program, lazy, shared)
  const inMain = new Set(Object.keys(main.metafile.inputs))
  const parts = await buildLazy(program, lazy, inMain, shared)
  if (shared.size > 0) main = await buildMain(program, lazy, shared)
  return [asScript(main), parts]
}

/** What programs import: names only, with the library behind them, as V8 has it already. */
async function buildIndex() {
  const { metafile } = await build({
    ...common,
    outdir: 'dist',
    entryPoints: [LIBRARY],
    bundle: false,
    external: undefined,
  })
  const names = Object.values(metafile.outputs).flatMap((output) => output.exports)
  const lines = [
    // Not imported: the first import of anything of Node's costs a module 9 ms of its start (measured).
    "const { createRequire } = process.getBuiltinModule('node:module')",
    "const load = createRequire(import.meta.url)('../bin/load.cjs')",
    "const library = new URL('library/main.cjs', import.meta.url)",
    `export const { ${names.sort().join(', ')} } = load(library).exports`,
  ]
  return {
    outputFiles: [{ path: join(DIST, 'index.js'), contents: `${lines.join('\n')}\n` }],
    metafile: { outputs: {} },
  }
}

async function buildAll() {
  return [...(await buildProgram(command)), ...(await buildProgram(library)), await buildIndex()]
}

/** The packages that have code in these bundles, as `node_modules/…` directories. */
function packagesIn(results) {
  const found = new Set()
  for (const { metafile } of results) {
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const directory = /^(?![a-z]+:).*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
        if (directory && bytesInOutput > 0) found.add(directory)
      }
    }
  }
  return found
}

function licences(results) {
  const texts = new Map()
  for (const directory of packagesIn(results)) {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, directory, 'package.json'), 'utf8'))
    const file = readdirSync(join(ROOT, directory)).find((entry) => /^(un)?licen[cs]e/i.test(entry))
    const text = file
      ? readFileSync(join(ROOT, directory, file), 'utf8').trim()
      : '(the package has no licence file)'
    texts.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${text}\n`)
  }
  const sorted = [...texts.keys()].sort().map((key) => texts.get(key))
  const line = '-'.repeat(80)
  return `The files in this directory contain code of these packages.\n\n${line}\n\n${sorted.join(`\n${line}\n\n`)}`
}

/** Replaces a file in one step, and only when it changed: a command may be running from it. */
function put(path, contents) {
  const bytes = Buffer.from(contents)
  if (existsSync(path) && readFileSync(path).equals(bytes)) return
  const next = `${path}.${process.pid}.tmp`
  writeFileSync(next, bytes)
  renameSync(next, path)
}

function write(results) {
  const files = new Map(
    results.flatMap((result) => result.outputFiles.map((file) => [file.path, file.contents])),
  )
  files.set(join(DIST, 'THIRD-PARTY-LICENSES'), licences(results))
  const directories = new Set([...files.keys()].map(dirname))
  for (const directory of directories) mkdirSync(directory, { recursive: true })
  // V8 knows another program by its length only.
  for (const directory of directories) rmSync(join(directory, CACHE), { force: true })
  for (const [path, contents] of files) put(path, contents)
  for (const directory of directories) {
    for (const entry of readdirSync(directory)) {
      const path = join(directory, entry)
      const isOurs = files.has(path) || entry === HELP || entry.endsWith('.tmp')
      if (statSync(path).isFile() && !isOurs) rmSync(path)
    }
  }
}

/**
 * Runs verbs as users do, each with another process, and writes what V8 compiled for them: a start then
 * compiles nothing. Another version of V8 ignores the file, and compiles as it goes.
 */
async function writeCommandCache() {
  const program = join(DIST, 'main.cjs')
  const directory = mkdtempSync(join(tmpdir(), 'lst-'))
  const swarm = (verb, ...args) => [verb, 'build', '--quiet', '--dir', directory, ...args]
  // V8 takes a cache only with the very flags it was made with, and a start has none yet.
  v8.setFlagsFromString = () => {}
  syncBuiltinESMExports()
  const exit = process.exit
  let ended = () => {}
  process.exit = () => ended()
  const ends = () => new Promise((done) => (ended = done))
  process.argv = [process.execPath, program, 'limits']
  const first = ends()
  const { script, exports } = load(program)
  await first
  const run = async (mine, theirs) => {
    // /dev/null opened for writing only: "ignore" would look like a stdout that was closed.
    const stdio = ['ignore', openSync(devNull, 'w'), 'inherit']
    const other = spawn(process.execPath, [join(ROOT, 'bin/lswarm.cjs'), ...theirs], { stdio })
    const end = ends()
    await Promise.all([exports.main(mine), end, new Promise((done) => other.on('exit', done))])
  }
  await run(swarm('send', 'package-lock.json'), swarm('recv'))
  await run(swarm('recv'), swarm('send', 'package-lock.json'))
  await run(swarm('join'), swarm('join', '-d'))
  await run(swarm('connect'), swarm('exec', '--once', '--', 'cat'))
  await run(swarm('exec', '--once', '--', 'cat'), swarm('connect'))
  put(join(DIST, CACHE), script.createCachedData())
  // Laid out once, and only printed later: yargs and its widths of letters take longer to load than the rest.
  const { allHelp } = await import(pathToFileURL(join(DIST, 'help.mjs')))
  put(join(DIST, HELP), JSON.stringify(await allHelp()))
  rmSync(directory, { recursive: true, force: true })
  exit(0)
}

/** The same for the library: two swarms that meet, and talk. */
async function writeLibraryCache() {
  const { script, exports } = load(join(DIST, 'library/main.cjs'))
  const basedir = mkdtempSync(join(tmpdir(), 'lst-'))
  const swarms = ['one', 'two', 'three'].map(
    (name) => new exports.Swarm({ name, basedir, shortcircuit: false }),
  )
  const greeted = swarms.map(
    (swarm) =>
      new Promise((done) => {
        swarm.on('connection', (stream) => {
          stream.write('hello')
          stream.once('data', () => swarm.connections.size === 2 && done())
        })
      }),
  )
  for (const swarm of swarms) await swarm.join('build').flushed()
  await Promise.all(greeted)
  await Promise.all(swarms.map((swarm) => swarm.destroy()))
  put(join(DIST, 'library', CACHE), script.createCachedData())
  rmSync(basedir, { recursive: true, force: true })
}

/** Each in a process of its own: what it runs ends processes, and takes signals. */
function buildCache(of) {
  const { status } = spawnSync(process.execPath, [import.meta.filename, `--cache-of-${of}`], {
    cwd: ROOT,
    stdio: ['ignore', openSync(devNull, 'w'), 'inherit'],
    timeout: 60_000,
  })
  if (status !== 0) throw new Error('the cache could not be made')
}

/**
 * npx makes a place for a package when it is first run: two first runs at once would disturb each other. (The script that does
 * this is called prepublish, which npm runs after `npm ci` in a clone: prepare would be run there too, but npm warns of it, as
 * an install script, whoever installs the package.)
 */
function tryOnce() {
  if (['exec', 'pack', 'publish'].includes(process.env.npm_command ?? '')) return
  const { status } = spawnSync('npx lswarm --version', { cwd: ROOT, stdio: 'inherit', shell: true })
  process.exitCode = status ?? 1
}

if (process.argv.includes('--try')) {
  tryOnce()
} else if (process.argv.includes('--cache-of-command')) {
  await writeCommandCache()
} else if (process.argv.includes('--cache-of-library')) {
  await writeLibraryCache()
} else if (process.argv.includes('--generate')) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/generate.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} else {
  try {
    write(await buildAll())
    // Where no two processes can meet (Windows), there is nothing to run.
    if (!process.argv.includes('--no-cache')) for (const of of ['library', 'command']) buildCache(of)
  } catch (error) {
    // esbuild has already shown what is wrong with the sources.
    if (!error.errors) throw error
    process.exitCode = 1
  }
}
