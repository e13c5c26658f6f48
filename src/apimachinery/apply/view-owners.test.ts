import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownersAfterView, ownersOfView } from './index.ts'

const field = { view: ['spec', 'replicas'], object: ['spec', 'size', 'count'] }
const time = '2026-01-01T00:00:00Z'
const entry = (manager: string, operation: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  time,
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
})
const inObject = { 'f:spec': { 'f:size': { 'f:count': {} } } }
const inView = { 'f:spec': { 'f:replicas': {} } }
const ofView = { apiVersion: 'autoscaling/v1' }
const creator = entry('creator', 'Update', { 'f:spec': { 'f:size': { 'f:count': {} }, 'f:paused': {} } })
const other = entry('other', 'Apply', { 'f:spec': { 'f:paused': {} } })

test('the owners of a view are those who own its field in the object', () => {
  assert.deepEqual(ownersOfView([creator, other], field, 'autoscaling/v1'), [entry('creator', 'Update', inView, ofView)])
  assert.deepEqual(ownersOfView([other], field, 'autoscaling/v1'), [])
})

test('owners of a view become owners in the object, and those who lost the field lose it there', () => {
  const scaler = entry('scaler', 'Apply', inView, { ...ofView, subresource: 'scale' })
  const after = ownersAfterView([other, creator], [scaler], field, 'apps/v1')
  assert.deepEqual(after, [
    other,
    entry('scaler', 'Apply', inObject, { subresource: 'scale' }),
    entry('creator', 'Update', { 'f:spec': { 'f:paused': {} } }),
  ])
  assert.deepEqual(ownersAfterView(after, [scaler], field, 'apps/v1'), after)
  assert.deepEqual(
    ownersAfterView(after, [], field, 'apps/v1').map(({ manager }) => manager),
    ['other', 'creator'],
  )
})
