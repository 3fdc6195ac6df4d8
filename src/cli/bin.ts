/** The entry: as little as possible before the verb is known. */
import { writeSync } from 'node:fs'
import process from 'node:process'
import { VERSION } from './version.ts'

const argv = process.argv.slice(2)
const run = () => void import('./main.ts').then(({ main }) => main(argv))
if (argv[0] === '--version' || argv[0] === '-V') {
  try {
    writeSync(1, VERSION)
  } catch {
    // What it means that stdout cannot be written is known there.
    run()
  }
} else run()
