/** `id`: identities of our own, and the keys of others. */
import { messageOf, SwarmError } from '../errors.ts'
import { verifierOf } from '../gossip/key-pair.ts'
import { jsonLine } from '../io/sanitize.ts'
import { ConfigDirectory } from './config-directory.ts'
import { type Context, hasCode, withArticle } from './context.ts'
import { checkKeyName, createIdentity, parsePublicKey, showKey } from './identities.ts'
import { type Known, KnownNames } from './known-names.ts'
import { print, printNone, table } from './table.ts'

export interface IdOptions {
  /** `new`, `show`, `list`, `trust` or `forget`, and what it takes. */
  readonly words: readonly string[]
  /** NDJSON, one object for each key. */
  readonly json: boolean
}

/** What each action takes; in brackets what may be left out. */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  new: ['NAME'],
  show: ['[NAME]'],
  list: [],
  trust: ['NAME', 'KEY'],
  forget: ['NAME'],
}
const TITLES = { own: 'own', trusted: 'trusted', first: 'first use' } as const

export async function id(context: Context, options: IdOptions): Promise<void> {
  const [action = '', name = '', key = ''] = checked(options.words)
  const config = new ConfigDirectory(context.env)
  if (action === 'new') {
    context.checkStdout()
    const { publicKey } = createIdentity(config, name)
    try {
      return await show(context, options, [{ name, key: publicKey.toString('hex'), trust: 'own' }])
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED')) throw error
      const why = `${messageOf(error)}; the identity is made, and lswarm id show ${name} prints its key`
      throw new SwarmError('OUTPUT', why, error)
    }
  }
  const isPartial = action === 'show' || action === 'list'
  const known = new KnownNames(config, (message) => context.report.warn(message), isPartial)
  if (action === 'trust') return known.trust(checkKeyName(name), soundKey(key))
  if (action === 'forget') return known.forget(checkKeyName(name))
  if (action === 'show') {
    const isOwn = ({ trust }: Known) => trust === 'own'
    const shown = name === '' ? known.list().filter(isOwn) : [known.find(checkKeyName(name))]
    return await show(context, options, shown)
  }
  const list = known.list()
  if (options.json) return await print(context, list.map(asJson).join(''))
  if (list.length === 0)
    return await printNone(context, 'no keys are known; make one with: lswarm id new NAME')
  const rows = list.map((one) => [one.name, showKey(one.key), TITLES[one.trust]])
  await print(context, table(['NAME', 'KEY', 'KNOWN BY'], rows))
}

/** @throws SwarmError OPTION_INVALID */
function checked(words: readonly string[]): readonly string[] {
  const [action = '', ...given] = words
  const takes = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (takes === undefined) {
    const all = Object.keys(ACTIONS).join(', ')
    throw new SwarmError('OPTION_INVALID', `id takes ${all}, not ${JSON.stringify(action.slice(0, 40))}`)
  }
  const missing = takes.filter((word) => !word.startsWith('['))[given.length]
  if (missing !== undefined)
    throw new SwarmError('OPTION_INVALID', `id ${action} takes ${withArticle(missing)}`)
  if (given.length > takes.length)
    throw new SwarmError(
      'OPTION_INVALID',
      `id ${action} does not take ${JSON.stringify(given[takes.length]?.slice(0, 40))}`,
    )
  if (takes.length > 0 && given[0] === '') checkKeyName('')
  return words
}

/** A key that somebody can sign with. @throws SwarmError OPTION_INVALID */
function soundKey(text: string): string {
  const key = parsePublicKey(text)
  if (verifierOf(Buffer.from(key, 'hex')) === undefined)
    throw new SwarmError('OPTION_INVALID', 'this is no ed25519 key that signatures could be trusted of')
  return key
}

function asJson({ name, key, trust }: Known): string {
  return jsonLine({ name, key: showKey(key), trust })
}

/** Keys alone, as `trust` takes them; with their names where there are several. */
async function show(context: Context, options: IdOptions, list: readonly Known[]): Promise<void> {
  if (options.json) return await print(context, list.map(asJson).join(''))
  if (list.length === 0) return await printNone(context, 'no identity yet; make one with: lswarm id new NAME')
  const [one] = list
  if (list.length === 1 && one !== undefined && options.words.length > 1)
    return await print(context, `${showKey(one.key)}\n`)
  await print(context, list.map(({ name, key }) => `${name} ${showKey(key)}\n`).join(''))
}
