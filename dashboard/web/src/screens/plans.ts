import { h } from '../dom';
import { count, words } from '../format';
import type { Explanation, PlanNode } from '../types';

// What a node does, without its figures: equal nodes of two plans have equal keys.
const keyOf = (node: PlanNode) =>
  [node.type, node.join_type, node.strategy, node.relation, node.index].join('|');

function keysOf(node: PlanNode, found = new Map<string, number>()): Map<string, number> {
  found.set(keyOf(node), (found.get(keyOf(node)) ?? 0) + 1);
  for (const child of node.children) keysOf(child, found);
  return found;
}

// `others`: the other plan's nodes; each is used up by the one that matches it.
function tree(node: PlanNode, others: Map<string, number>): HTMLElement {
  const left = others.get(keyOf(node)) ?? 0;
  others.set(keyOf(node), left - 1);
  const differs = left <= 0;
  const actual = node.actual_rows === null ? '' : `, ${count(node.actual_rows)} actual`;
  return h(
    'li',
    {},
    h(
      'div',
      { class: differs ? 'node differs' : 'node' },
      h('b', {}, [node.strategy, node.join_type, node.type].filter(Boolean).join(' ')),
      node.relation ? ` on ${node.relation}` : '',
      node.index ? h('span', { class: 'soft' }, ` using ${node.index}`) : null,
      differs ? h('span', { class: 'hidden' }, ' (only in this plan)') : null,
      h('div', { class: 'soft' }, `${count(node.rows)} rows estimated${actual}, cost ${count(node.cost)}`),
      node.detail ? h('div', { class: 'mono soft' }, node.detail) : null,
    ),
    node.children.length ? h('ul', {}, node.children.map((child) => tree(child, others))) : null,
  );
}

export function planPair(explained: Explanation): Node {
  const same = explained.arm === 'default';
  const whole = (title: string, plan: PlanNode, other: PlanNode) =>
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, h('h3', {}, title), h('ul', { class: 'plan' }, tree(plan, keysOf(other))));
  if (same)
    return h(
      'div',
      {},
      h('p', { class: 'soft' }, `It runs under PostgreSQL’s own plan: ${words(explained.reason)}.`),
      whole('PostgreSQL’s plan', explained.default_plan, explained.default_plan),
    );
  return h(
    'div',
    {},
    h('p', { class: 'soft' }, `${words(explained.reason)}, policy v${explained.policy_version}. `, explained.patience_ms > 0 ? `The default runs first; after ${explained.patience_ms.toFixed(1)} ms the hinted run joins in. ` : '', h('code', {}, explained.set_sql)),
    h(
      'div',
      { class: 'plans' },
      whole('PostgreSQL’s plan', explained.default_plan, explained.arm_plan),
      whole(`Under ${words(explained.arm)}`, explained.arm_plan, explained.default_plan),
    ),
  );
}
