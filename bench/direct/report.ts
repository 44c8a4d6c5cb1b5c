import type { Run } from './run.ts'
export function toText(_runs: Map<string, Run[]>, _size: number): string {
  return ''
}
export function write(_runs: Map<string, Run[]>, _size: number): void {}
