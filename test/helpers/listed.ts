/** Which diagnostic a message is: by what each says literally, with placeholders for what is at hand. */
import { HOLE } from './texts.ts'

/** Words that stand for what is at hand. */
const PLACEHOLDER =
  /(?<![A-Za-z])(ACTIONS?|ADDRESS|CODE|COMMAND|CONNECTIONS|DATAGRAMS|DIGEST|AUTHORS|KEY|LINES|MESSAGE|MODE|NAMES?|N|OPERAND|OPTIONS?|PACKAGE|PATH|PEERS|PLACE|REASON|RECORDS|RULE|TEXT|URLS?|VALUE|VERB)(?![A-Za-z])/g
/** With as many letters of its own, a diagnostic is told from every other one; what follows them may be anything. */
const LETTERS_MIN = 12

/**
 * The words of a diagnostic, or of a source's text, with one hole for all that is put in at one place. The advice that
 * the program adds to some errors is not in the sources.
 */
function skeletonOf(text: string): string {
  const holes = text.replace(/ \(choose .*/, '').replaceAll(PLACEHOLDER, HOLE)
  return holes.replaceAll(`--${HOLE}`, HOLE).replaceAll(/\0(?:[ :]?\0)*/g, HOLE)
}

/**
 * True when the diagnostics list this text of a source. A hole is a placeholder and nothing else; only at its end, after
 * words enough of its own, may a diagnostic leave open what is said.
 */
export function isListed(text: string, messages: readonly string[]): boolean {
  const said = skeletonOf(text)
  return messages.some((message) => {
    const words = skeletonOf(message)
    if (words === said) return true
    const [own = ''] = words.endsWith(HOLE) ? [words.slice(0, -1)] : []
    return lettersOf(own) >= LETTERS_MIN && said.startsWith(own)
  })
}

/** The diagnostics that a line of stderr may be: of those that it fits, the ones with the most letters of their own. */
export function diagnosticsOf(line: string, messages: readonly string[]): string[] {
  const fitting = messages.filter((message) => patternOf(message).test(line))
  const letters = (message: string) => lettersOf(message.replaceAll(PLACEHOLDER, ''))
  const most = Math.max(...fitting.map(letters))
  return fitting.filter((message) => letters(message) === most)
}

function patternOf(message: string): RegExp {
  const literal = message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^lswarm: ${literal.replaceAll(PLACEHOLDER, '.+')}$`)
}

function lettersOf(text: string): number {
  return text.match(/[a-z]/gi)?.length ?? 0
}
