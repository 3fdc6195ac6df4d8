/** What a typed line asks for: to be said, or one of the commands. */

/** Commands of one word. */
const BARE = ['who', 'time', 'help', 'quit'] as const

export type ChatCommand =
  | { readonly does: 'say'; readonly text: string }
  | { readonly does: 'to'; readonly name: string; readonly text: string }
  | { readonly does: (typeof BARE)[number] }
  | { readonly does: 'complain'; readonly why: string }

/** Each command, and what help says of it. */
export const COMMANDS = new Map([
  ['/to', '/to NAME TEXT: to one peer alone, by name or by the beginning of its id'],
  ['/me', '/me TEXT: * you TEXT'],
  ['/who', '/who: who is here'],
  ['/time', '/time: times before lines, or none'],
  ['/help', '/help: this'],
  ['/quit', '/quit: leave, as Ctrl-D does'],
])
export const HELP = [
  ...COMMANDS.values(),
  '//TEXT: a line that begins with a slash',
  'Tab completes names and commands; Up and Down bring lines back',
]

export function chatCommand(line: string): ChatCommand {
  if (!line.startsWith('/')) return { does: 'say', text: line }
  if (line.startsWith('//')) return { does: 'say', text: line.slice(1) }
  const [, command = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? []
  const bare = BARE.find((one) => command === `/${one}`)
  if (bare !== undefined) return { does: bare }
  // Said as it is; who shows lines to people shows it as an action.
  if (command === '/me')
    return rest === '' ? complain('/me takes a text') : { does: 'say', text: `/me ${rest}` }
  if (command !== '/to')
    return complain(`there is no ${command}; /help tells what there is, and // says a slash`)
  const [, name, text] = /^(\S+)\s+(.+)$/s.exec(rest) ?? []
  if (name === undefined || text === undefined) return complain('/to takes a name and a text')
  return { does: 'to', name, text }
}

function complain(why: string): ChatCommand {
  return { does: 'complain', why }
}

/** What Tab makes of a line: one candidate after another for the word before the cursor. */
export class Completion {
  #candidates: readonly { readonly text: string; readonly cursor: number }[] = []
  #next = 0

  /** Another key than Tab: the next Tab begins anew. */
  reset(): void {
    this.#candidates = []
  }

  /** @param names what peers can be called by */
  next(text: string, cursor: number, names: readonly string[]) {
    if (this.#candidates.length === 0) {
      this.#candidates = candidatesFor(text, cursor, names)
      this.#next = 0
    }
    const candidate = this.#candidates[this.#next % this.#candidates.length]
    this.#next += 1
    return candidate
  }
}

function candidatesFor(text: string, cursor: number, names: readonly string[]) {
  const before = text.slice(0, cursor)
  const start = /\S*$/.exec(before)?.index ?? cursor
  const word = before.slice(start).toLowerCase()
  const isCommand = start === 0 && word.startsWith('/')
  if (!isCommand && word === '' && !/^\/to\s+$/.test(before)) return []
  const words = isCommand ? [...COMMANDS.keys()] : names
  const after = start === 0 && !isCommand ? ': ' : ' '
  return words
    .filter((one) => one.toLowerCase().startsWith(word))
    .sort()
    .map((one) => {
      const completed = `${text.slice(0, start)}${one}${after}`
      return { text: completed + text.slice(cursor), cursor: completed.length }
    })
}
