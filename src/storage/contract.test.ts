import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { storageContract } from './contract.ts'
import { openEmbedded } from './embedded.ts'
import { createMemoryJournal } from './journal/memory.ts'
import { openStorage } from './open.ts'
import { slowed, testOptions } from './testing.ts'

const directory = mkdtempSync(join(tmpdir(), 'proa-storage-'))
after(() => rmSync(directory, { recursive: true, force: true }))
let opened = 0

storageContract('in memory', clock => openStorage(testOptions({ clock })))
storageContract('with a slow journal', clock => openEmbedded(slowed(createMemoryJournal(), 3), testOptions({ clock })))
storageContract('on disk', clock => openStorage(testOptions({ clock, directory: join(directory, String(++opened)) })), { propertyRuns: 8 })
