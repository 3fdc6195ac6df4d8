/** Where a topic key comes from: a file, a descriptor, the environment, a person; never the arguments. */
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import process from 'node:process'
import { ReadStream } from 'node:tty'
import { Interrupted, messageOf, reasonOf, SwarmError } from '../errors.ts'
import { unlessHungUp } from '../io/descriptor.ts'
import { descriptorAt } from '../io/path.ts'
import { parseKey, type TopicKey } from '../key.ts'
import { PREFIX } from '../key-prefix.ts'
import { optionDescriptor } from './option-descriptor.ts'
import { writeAll } from './report.ts'

export interface KeyPlace {
  readonly file: string | undefined
  readonly fd: number | undefined
}

/** No key is longer; more than this is another file. */
const KEY_TEXT_BYTES = 4096

/** True where a key is given, and nobody need be asked. */
export function hasKey({ file, fd }: KeyPlace): boolean {
  return file !== undefined || fd !== undefined || process.env.LSWARM_KEY !== undefined
}

/**
 * @param signal ends the question to a person, and is thrown then
 * @throws SwarmError KEY_INVALID for a key that is missing, mistyped, or in a file that others may read
 */
export async function readKey({ file, fd }: KeyPlace, signal: AbortSignal): Promise<TopicKey> {
  const { LSWARM_KEY: text } = process.env
  // What we start needs no key.
  delete process.env.LSWARM_KEY
  if (file !== undefined) return readKeyFile(file)
  if (fd !== undefined)
    return keyIn(readText(optionDescriptor('key-fd', fd, 'read'), `descriptor ${fd}`), `descriptor ${fd}`)
  if (text !== undefined) return parseKey(text)
  return parseKey(await ask(signal))
}

/**
 * The key in a file that is nobody else's to read, as ssh wants its keys to be.
 * @throws SwarmError KEY_INVALID, with the path, and the line where there is one to blame
 */
export async function readKeyFile(path: string): Promise<TopicKey> {
  let given: number | undefined
  let fd: number
  let stat: Stats
  try {
    given = descriptorAt(path, 'read')
    fd = given ?? openSync(path, 'r')
    stat = fstatSync(fd)
  } catch (error) {
    throw new SwarmError('KEY_INVALID', `cannot read ${path}: ${reasonOf(error)}`, error)
  }
  try {
    if (stat.isFile() && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
      throw new SwarmError('KEY_INVALID', `${path} has mode ${mode}, others may read it: chmod 600 ${path}`)
    }
    return keyIn(readText(fd, path), path)
  } finally {
    if (given === undefined) closeSync(fd)
  }
}

/** The one key of a text: a line, or words on one or several; empty lines and comments aside. */
async function keyIn(text: string, what: string): Promise<TopicKey> {
  const lines = text
    .split('\n')
    .map((line, at) => ({ text: line.replace(/#.*/, '').trim(), number: at + 1 }))
    .filter((line) => line.text !== '')
  const [first] = lines
  const second = lines.find((line) => line.text !== first?.text)
  const isOne = second === undefined || !lines.some((line) => line.text.toLowerCase().startsWith(PREFIX))
  if (!isOne) throw new SwarmError('KEY_INVALID', `${what}: line ${second.number} is one too many for a key`)
  try {
    return await parseKey(
      second === undefined ? (first?.text ?? '') : lines.map((line) => line.text).join(' '),
    )
  } catch (error) {
    const line = first === undefined || second !== undefined ? '' : `line ${first.number}: `
    throw new SwarmError('KEY_INVALID', `${what}: ${line}${messageOf(error)}`, error)
  }
}

function readText(fd: number, what: string): string {
  const bytes = Buffer.alloc(KEY_TEXT_BYTES + 1)
  let length = 0
  try {
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, null)
  } catch (error) {
    throw new SwarmError('KEY_INVALID', `cannot read ${what}: ${reasonOf(error)}`, error)
  }
  if (length > KEY_TEXT_BYTES) throw new SwarmError('KEY_INVALID', `${what} is too long for a key`)
  return bytes.toString('utf8', 0, length)
}

/** Asks the person at the terminal, and shows nothing of the answer. */
function ask(signal: AbortSignal): Promise<string> {
  let fd: number
  try {
    fd = openSync('/dev/tty', 'r+')
  } catch (error) {
    throw new SwarmError(
      'KEY_INVALID',
      'beyond this machine lswarm needs a topic key: --key-file FILE, --key-fd N or LSWARM_KEY (lswarm key new makes one), or --public for a topic that anybody may join',
      error,
    )
  }
  const terminal = unlessHungUp(fd, () => new ReadStream(fd))
  return new Promise((resolve, reject) => {
    let typed = ''
    const settle = (act: () => void) => {
      terminal.removeAllListeners()
      signal.removeEventListener('abort', interrupted)
      // A terminal that is gone takes no more settings.
      terminal.on('error', () => {})
      terminal.setRawMode(false)
      terminal.destroy()
      writeAll(2, '\n')
      act()
    }
    // The terminal has gone: SIGHUP says so too, maybe later, maybe to others than us.
    const gone = () => settle(() => reject(new Interrupted('SIGHUP')))
    const interrupted = () => settle(() => reject(signal.reason))
    signal.addEventListener('abort', interrupted)
    terminal.setEncoding('utf8').on('error', gone).on('end', gone)
    terminal.on('data', (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') return settle(() => resolve(typed))
        if (character === '\u0003') return settle(() => reject(new Interrupted('SIGINT')))
        if (character === '\u0004')
          return settle(() => reject(new SwarmError('KEY_INVALID', 'no key was typed')))
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1)
        else if (character === '\u0015') typed = ''
        else if (typed.length < KEY_TEXT_BYTES) typed += character
      }
    })
    // Before the prompt: what is typed at once is not shown, nor read as a line.
    terminal.setRawMode(true)
    if (!terminal.destroyed) writeAll(fd, 'lswarm: topic key: ')
  })
}
