/**
 * The thread that reads large YAML: one text after the other, until nobody needs it any more. It knows nothing but texts.
 */
import { parentPort } from 'node:worker_threads'
import { DecodeError } from '../../apimachinery/codec/index.ts'
import type { Answer, Question } from './messages.ts'
import { readYaml } from './read-yaml.ts'

function answer({ text, findDuplicates }: Question): Answer {
  try {
    const { value, duplicates } = readYaml(text, findDuplicates)
    return { type: 'document', json: JSON.stringify(value), duplicates }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { type: error instanceof DecodeError ? 'mistake' : 'failure', message }
  }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))
