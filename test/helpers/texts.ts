/**
 * The texts of errors and warnings in a source: what stands where a message is raised, with `HOLE` for each thing that is
 * put into it.
 */

/** Stands for a value that a text is filled with. */
export const HOLE = '\u0000'

/** Where a message is raised, and which argument it is. */
const RAISES = /\bnew (?:SwarmError|DamagedIdentity)\(|[.#\w]*\bwarn(?:Once)?\(|\bemit\('warning',/g

/** Every text that is raised in a source; a text that is put together elsewhere is not found here. */
export function textsOf(source: string): string[] {
  return [...source.matchAll(RAISES)].flatMap((raise) => {
    const at = raise.index + raise[0].length
    const isSecond = raise[0].startsWith('new ')
    return literalsOf(argumentAt(source, isSecond ? argumentEnd(source, at) + 1 : at))
  })
}

function argumentAt(source: string, from: number): string {
  return source.slice(from, argumentEnd(source, from))
}

/** Where the comma or parenthesis stands that ends the argument that begins at `from`. */
function argumentEnd(source: string, from: number): number {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    const char = source[at] ?? ''
    if (/['"`]/.test(char)) at = quoteEnd(source, at)
    else if (/[([{]/.test(char)) depth += 1
    else if (depth === 0 && /[),]/.test(char)) return at
    else if (/[)\]}]/.test(char)) depth -= 1
  }
  return source.length
}

/** Where the string or template ends that begins at `from`. */
function quoteEnd(source: string, from: number): number {
  const quote = source[from]
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at += 1
    else if (source[at] === quote) return at
    else if (quote === '`' && source.startsWith('${', at)) at = holeEnd(source, at + 2)
  }
  return source.length
}

/** Where the brace stands that ends what is put into a template from `from` on. */
function holeEnd(source: string, from: number): number {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    const char = source[at] ?? ''
    if (/['"`]/.test(char)) at = quoteEnd(source, at)
    else if (char === '{') depth += 1
    else if (char === '}' && depth-- === 0) return at
  }
  return source.length
}

/** The strings and templates that an expression may give: those that are in no call of it. */
function literalsOf(expression: string): string[] {
  const found: string[] = []
  let depth = 0
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] ?? ''
    if (/['"`]/.test(char)) {
      const end = quoteEnd(expression, at)
      if (depth === 0) found.push(textOf(expression.slice(at, end + 1)))
      at = end
    } else if (/[([{]/.test(char)) depth += 1
    else if (/[)\]}]/.test(char)) depth -= 1
  }
  return found
}

/** A literal as text. */
function textOf(literal: string): string {
  let text = ''
  for (let at = 1; at < literal.length - 1; at++) {
    if (literal[at] === '\\') text += literal[++at]
    else if (literal[0] === '`' && literal.startsWith('${', at)) {
      text += HOLE
      at = holeEnd(literal, at + 2)
    } else text += literal[at]
  }
  return text
}
