/**
 * Holds src/ to its plan: who may import whom, where each package lives, who may touch the process.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import test from 'node:test'

const SRC = resolve(import.meta.dirname, '../src')

/** A file imports its own folder and folders of a lower rank. '' is src/ itself: clock, errors, topic, limits. */
const RANKS: Readonly<Record<string, number>> = {
  '': 0,
  protocol: 1,
  io: 1,
  transport: 2,
  swarm: 3,
  gossip: 4,
  verbs: 5,
  tui: 6,
  cli: 7,
}

/** The library's public face may import all that is below the verbs. */
const PUBLIC = 'index.ts'

/** Where the screen, the arguments and the exit status are. */
const PROCESS_HOME = 'cli'

/** The one file elsewhere that reads the environment. */
const ENVIRONMENT_HOME = 'transport/local/runtime-directory.ts'

/** The one file elsewhere that signals other processes: the groups that it started. */
const SIGNALLING_HOME = 'io/process-group.ts'

/** The one file elsewhere that hears signals, and ends the process as they would have. */
const ENDING_HOME = 'exit-cleanup.ts'

/** What any file may use of `process`: facts, and hooks that show nothing to the user. */
const PROCESS_USES = /^(platform|getuid|umask|nextTick|hrtime|getBuiltinModule|(on|off|once)\('exit')$/

interface Source {
  /** Its path in src/, with slashes. */
  readonly path: string
  /** The first folder of the path, '' for files in src/ itself. */
  readonly folder: string
  /** Its text, comments taken out (line numbers stay). */
  readonly code: string
  /** Modules it imports, as written: types too, for a reader has to follow them as well. */
  readonly imports: readonly string[]
}

const sources = readSources()
const paths = new Set(sources.map((source) => source.path))

function readSources(): readonly Source[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => {
      const code = withoutComments(readFileSync(join(SRC, path), 'utf8'))
      return { path, folder: folderOf(path), code, imports: importsOf(code) }
    })
}

/** Comments become spaces. A `//` inside a string is kept by asking for a space or a line's start before it. */
function withoutComments(text: string): string {
  return text
    .replace(/(^|\s)\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '))
}

/** Static imports and re-exports begin a line (the formatter sees to it); dynamic ones may be anywhere. */
function importsOf(code: string): readonly string[] {
  const forms = [
    /^import\s+(?:[\w$*{},\s]+?\s+from\s+)?['"]([^'"]+)['"]/gm,
    /^export\s+(?:type\s+)?[*{][\w$*{},\s]*?\sfrom\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
    /\brequire\(\s*['"]([^'"]+)['"]/g,
  ]
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''))
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** The files of src/ that a file imports; what is outside (package.json) is left out. */
function filesImported({ path, imports }: Source): readonly string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(path), specifier).split(sep).join('/'))
    .filter((target) => !target.startsWith('../'))
}

/** The third-party packages that a file imports. */
function packagesImported({ imports }: Source): readonly string[] {
  return imports
    .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

function mayImport(from: string, to: string): boolean {
  const mine = RANKS[folderOf(from)] ?? -1
  const theirs = RANKS[folderOf(to)] ?? Number.POSITIVE_INFINITY
  if (to === PUBLIC) return false
  if (from === PUBLIC) return theirs < (RANKS.verbs ?? 0)
  return folderOf(from) === folderOf(to) || theirs < mine
}

/** One line for each violation; none is what we want. */
function assertNone(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `\n${violations.join('\n')}`)
}

function lineOf(code: string, index: number): number {
  return code.slice(0, index).split('\n').length
}

test('every folder of src/ has a rank', () => {
  assert.ok(sources.length > 0, 'src/ has no files')
  const unknown = [...new Set(sources.map(({ folder }) => folder))].filter((folder) => !(folder in RANKS))
  assertNone(unknown.map((folder) => `src/${folder}: no rank; RANKS in this test says who may import whom`))
})

test('every import of src/ is of a file that exists', () => {
  assertNone(
    sources.flatMap((source) =>
      filesImported(source)
        .filter((target) => !paths.has(target))
        .map((target) => `src/${source.path}: imports src/${target}, which does not exist`),
    ),
  )
})

test('files import their own folder and lower ranks only', () => {
  assertNone(
    sources.flatMap((source) =>
      filesImported(source)
        .filter((target) => !mayImport(source.path, target))
        .map((target) => `src/${source.path}: imports src/${target}, which is not of a lower rank`),
    ),
  )
})

test('no file imports itself through others', () => {
  const graph = new Map(sources.map((source) => [source.path, filesImported(source)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const cycle = [...trail.slice(start), path].map((file) => `src/${file}`)
      cycles.push(`src/${path}: is in a cycle of imports: ${cycle.join(' > ')}`)
    } else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
      done.add(path)
    }
  }
  for (const path of graph.keys()) visit(path, [])
  assertNone(cycles)
})

test('each third-party package is imported from one folder', () => {
  const homes = new Map<string, Map<string, string>>()
  for (const source of sources) {
    for (const name of packagesImported(source)) {
      const folders = homes.get(name) ?? new Map<string, string>()
      homes.set(name, folders.set(source.folder, source.path))
    }
  }
  assertNone(
    [...homes]
      .filter(([, folders]) => folders.size > 1)
      .map(([name, folders]) => {
        const files = [...folders.values()].map((path) => `src/${path}`)
        return `${files.join(', ')}: ${name} has one home; these are ${files.length} folders`
      }),
  )
})

test('modules of Node are imported as node:', () => {
  assertNone(
    sources.flatMap((source) =>
      packagesImported(source)
        .filter((name) => builtinModules.includes(name))
        .map((name) => `src/${source.path}: imports ${name}, which is node:${name}`),
    ),
  )
})

test('what is drawn on a screen uses no module of Node', () => {
  assertNone(
    sources
      .filter(({ folder }) => folder === 'tui')
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => name.startsWith('node:'))
          .map((name) => `src/${path}: imports ${name}; what it needs is given to it`),
      ),
  )
})

test('only the command prints, exits, or reads the environment and the arguments', () => {
  const violations: string[] = []
  for (const { path, folder, code } of sources) {
    if (folder === PROCESS_HOME || path === ENDING_HOME) continue
    const complain = (index: number, what: string) =>
      violations.push(`src/${path}:${lineOf(code, index)}: ${what} belongs to src/${PROCESS_HOME}`)
    for (const match of code.matchAll(/(?<![.\w$])(?:globalThis\.)?console\.\w+/g))
      complain(match.index, match[0])
    for (const match of code.matchAll(/(?<![.\w$])(?:globalThis\.)?process\??\.(\w+(?:\(['"]\w+['"])?)/g)) {
      const use = match[1] ?? ''
      const isEnvironment = use === 'env' && path === ENVIRONMENT_HOME
      const isSignalling = use === 'kill' && path === SIGNALLING_HOME
      if (!isEnvironment && !isSignalling && !PROCESS_USES.test(use)) complain(match.index, match[0])
    }
    for (const match of code.matchAll(/^import\s+\{[^}]*\}\s+from\s+'node:process'/gm)) {
      complain(match.index, 'a named import of node:process (import process itself)')
    }
    for (const match of code.matchAll(/^import\s[^'"]*from\s+'node:console'/gm))
      complain(match.index, 'node:console')
  }
  assertNone(violations)
})
