/** Counting what a subscriber gets: each message of 100 bytes begins with its number. */

export const BODY_BYTES = 100
/** Without anything new for so long, the rest is lost. */
const PATIENCE_MS = 3_000

const rest = `${'abcdefgh'.repeat(11)}`.padEnd(BODY_BYTES - 10, ' ')

export function body(number) {
  return String(number).padStart(10, '0') + rest
}

/** Prints {at, got} and what else there is to tell as JSON when all is there or nothing comes any more, and ends the process. */
export class Tally {
  #missing
  #seen
  #got = 0
  #at = 0
  #timer
  #more

  /** @param {() => object} [more] what else to tell */
  constructor(count, more = () => ({})) {
    this.#more = more
    this.#missing = count
    this.#seen = new Uint8Array(count)
  }

  /** @param {string} text a message, or its beginning */
  add(text) {
    const number = Number(text.slice(0, 10))
    if (this.#seen[number] === 1) throw new Error(`message ${number} came twice`)
    this.#seen[number] = 1
    this.#got += 1
    this.#missing -= 1
    this.#at = Number(process.hrtime.bigint()) / 1e9
    this.#timer ??= setInterval(() => this.#look(), 500)
    if (this.#missing === 0) this.#end()
  }

  #look() {
    if (Number(process.hrtime.bigint()) / 1e9 - this.#at > PATIENCE_MS / 1000) this.#end()
  }

  #end() {
    clearInterval(this.#timer)
    process.stdout.write(`${JSON.stringify({ at: this.#at, got: this.#got, ...this.#more() })}\n`, () =>
      process.exit(),
    )
  }
}
