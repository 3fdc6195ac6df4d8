/** The words of which keys can be made: 2048, no two alike in their first four letters. */
export { wordlist as words } from '@scure/bip39/wordlists/english.js'
