import type { Cell } from '../../../apimachinery/cell.ts'
import type { Column } from '../../../apimachinery/kind.ts'
import { ageSince } from '../../columns.ts'
import type { Event } from '../event.ts'

type Text = (event: Event) => Cell

const column = (name: string, priority: 0 | 1, description: string, cell: Text, options?: Partial<Column>): Column => ({
  name,
  type: 'string',
  description,
  priority,
  cell,
  ...options,
})

/** Old and new clients write times and counts into different fields; the columns show whichever is there. */
const firstSeen: Text = event => ageSince(event.firstTimestamp || event.eventTime)
const lastSeen: Text = event => ageSince(event.series?.lastObservedTime || event.lastTimestamp || event.firstTimestamp || event.eventTime)
const count: Text = event => (event.series ? (event.series.count ?? 0) : event.count || 1)

const source: Text = event => {
  const component = event.source?.component || event.reportingComponent || ''
  const instance = event.source?.host || event.reportingInstance
  return instance ? `${component}, ${instance}` : component
}

const involved: Text = ({ involvedObject: { kind = '', name } = {} }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())

export const eventColumns: readonly Column[] = [
  column('Last Seen', 0, 'Time since this was observed last.', lastSeen),
  column('Type', 0, 'Normal or Warning.', event => event.type ?? ''),
  column('Reason', 0, 'Why this happened, in a word for machines.', event => event.reason ?? ''),
  column('Object', 0, 'What it happened to.', involved),
  column('Subobject', 1, 'Part of the object, a container for example.', event => event.involvedObject?.fieldPath ?? ''),
  column('Source', 1, 'Who observed it.', source),
  column('Message', 0, 'What happened, for people.', event => (event.message ?? '').trim()),
  column('First Seen', 1, 'Time since this was observed first.', firstSeen),
  column('Count', 1, 'How often this was observed.', count),
  column('Name', 1, 'Name of the event.', event => event.metadata.name ?? '', { format: 'name' }),
]
