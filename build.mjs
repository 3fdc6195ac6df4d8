/**
 * Builds dist/: the command (`lswarm.cjs`), one bundle for each `*.lazy.ts` that it imports
 * dynamically (`<name>.mjs`), the library (`index.js`) and the licences of what is bundled.
 *
 * `node build.mjs --generate` runs src/cli/generate.ts instead.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'

const ROOT = import.meta.dirname
const DIST = join(ROOT, 'dist')
const COMMAND = 'src/cli/bin.ts'
const LIBRARY = 'src/index.ts'
const LAZY = /\.lazy\.tsx?$/

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

/** string-width takes 20 ms to load (its Unicode tables), and only help texts are ever measured: load it then. */
const lateStringWidth = {
  name: 'late-string-width',
  setup({ onResolve, onLoad, resolve: find }) {
    onResolve({ filter: /^string-width$/ }, async ({ path, kind, resolveDir }) => {
      if (kind !== 'import-statement') return undefined
      const found = await find(path, { kind: 'require-call', resolveDir })
      return { path: found.path, namespace: 'late' }
    })
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `let real
        export default (...args) => (real ??= require(${JSON.stringify(path)}).default)(...args)`,
      resolveDir: ROOT,
    }))
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
      onResolve({ filter: /^\.\/lswarm\.cjs$/, namespace: 'shared' }, ({ path }) => ({
        path,
        external: true,
      }))
      onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = require('./lswarm.cjs').shared[${JSON.stringify(path)}]`,
      }))
    },
  }
}

const common = {
  absWorkingDir: ROOT,
  outdir: 'dist',
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  external,
  logLevel: 'warning',
}

/** The entry that every run of the command loads: CommonJS, because an .mjs costs a fifth of start-up. */
function buildCommand(lazy, shared) {
  const files = [...shared]
  const contents = [
    ...files.map((file, index) => `import * as m${index} from './${file}'`),
    `import './${COMMAND}'`,
    files.length > 0 && `export const shared = { ${files.map((file, index) => `'${file}': m${index}`)} }`,
  ]
  return build({
    ...common,
    // yargs asks for the width of the screen as it is loaded; the asking alone would make a pipe on
    // stdout non-blocking, for everyone who writes to it. Our help has a width of its own.
    define: { 'import.meta.url': 'importMetaUrl', 'process.stdout.columns': 'undefined' },
    stdin: { contents: contents.filter(Boolean).join('\n'), resolveDir: ROOT, sourcefile: 'command.js' },
    entryNames: 'lswarm',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    // yargs finds its locale files beside import.meta.url: there are none here, so it speaks English.
    banner: {
      js: "const importMetaUrl=require('node:url').pathToFileURL(__dirname+'/yargs/lib/platform-shims/esm.mjs').href;",
    },
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [lazyImports(lazy), stubs, lateStringWidth],
  })
}

/** A part of the command that few verbs need: ESM, because Ink's layout engine awaits at its top level. */
function buildLazy(name, file, lazy, inCommand, shared) {
  return build({
    ...common,
    entryPoints: { [name]: file },
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: {
      js: "import{createRequire as createRequireHere}from'node:module';const require=createRequireHere(import.meta.url);",
    },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [lazyImports(lazy), sharedModules(inCommand, shared), stubs],
  })
}

/** The library, readable; its own dynamic imports become chunks that share their modules. */
function buildLibrary() {
  return build({
    ...common,
    entryPoints: { index: LIBRARY },
    format: 'esm',
    splitting: true,
    chunkNames: 'index-[name]-[hash]',
    plugins: [stubs],
  })
}

async function buildAll() {
  const lazy = new Map()
  const shared = new Set()
  const library = buildLibrary()
  let command = await buildCommand(lazy, shared)
  const inCommand = new Set(Object.keys(command.metafile.inputs))
  const parts = []
  // A lazy module may import another one: the map grows while it is walked.
  for (const [name, file] of lazy) parts.push(await buildLazy(name, file, lazy, inCommand, shared))
  if (shared.size > 0) command = await buildCommand(lazy, shared)
  return [command, ...parts, await library]
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
  mkdirSync(DIST, { recursive: true })
  for (const [path, contents] of files) {
    mkdirSync(dirname(path), { recursive: true })
    put(path, contents)
  }
  for (const entry of readdirSync(DIST)) {
    const path = join(DIST, entry)
    if (statSync(path).isFile() && !files.has(path) && !entry.endsWith('.tmp')) rmSync(path)
  }
}

if (process.argv.includes('--generate')) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/generate.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} else {
  try {
    write(await buildAll())
  } catch (error) {
    // esbuild has already shown what is wrong with the sources.
    if (!error.errors) throw error
    process.exitCode = 1
  }
}
