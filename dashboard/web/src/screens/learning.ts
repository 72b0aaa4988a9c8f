import { get } from '../api';
import { Chart } from '../chart';
import { fill, h } from '../dom';
import { count, duration, moment, percent, times, words } from '../format';
import { badge, change, empty, failure, panel, table, tiles } from '../parts';
import { Refresher, type Screen } from '../screen';
import { tuning } from './tuning';
import type { Evidence, Generation, Learning, Meta, PolicyVersion } from '../types';

export function learning(): Screen {
  const head = h('div', {});
  const level1 = h('div', {});
  const level2 = h('div', {});
  const published = h('div', {});
  const plain = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : Math.abs(value) >= 100 ? count(value) : String(Number(value.toPrecision(3)));
  const xText = (x: number) => count(x);
  const loss = new Chart({ title: 'Loss of the Q-network by training step', value: plain, xText, time: false, xWhole: true, log: true });
  const spread = new Chart({
    title: 'Exploration rate and spread of the heads by training step',
    value: plain,
    xText,
    time: false,
    xWhole: true,
  });
  const curve = new Chart({ title: 'The best genome’s score by generation', value: plain, xText, time: false, xWhole: true });
  const tunes = tuning();
  let seen = '';
  const refresher = new Refresher(async () => {
    try {
      const [answer] = await Promise.all([get<Learning>('learning'), tunes.load()]);
      draw(answer);
    } catch (error) {
      fill(head, failure(error, () => void refresher.run()));
    }
  }, 4000);

  function draw(answer: Learning): void {
    const { columns, replay_size } = answer.level0;
    const last = columns.step.length - 1;
    fill(
      head,
      tiles([
        ['Training steps', count(columns.step[last] ?? 0)],
        ['Loss', plain(columns.loss[last])],
        ['Epsilon', plain(columns.epsilon[last]), 'share tried at random'],
        ['Q spread', plain(columns.q_spread[last]), 'disagreement of the heads'],
        ['Replay buffer', count(replay_size), 'transitions'],
        ['Policies published', count(answer.published.length)],
      ]),
    );
    loss.show({ x: columns.step, lines: [{ label: 'loss', color: 'hinted', values: columns.loss }] });
    spread.show({
      x: columns.step,
      lines: [
        { label: 'epsilon', color: 'default', style: 'dashed', values: columns.epsilon },
        { label: 'Q spread', color: 'hinted', values: columns.q_spread },
      ],
    });
    fill(level1, policyTable(answer.level1.policies, () => void refresher.run()));
    fill(published, publishedTable(answer));
    fill(level2, metaOf(answer.level2, curve));
  }

  const element = h(
    'div',
    {},
    h('h1', {}, 'Learning'),
    h('p', { class: 'soft' }, 'Level 0 ranks what is worth trying; level 1 proves policies; level 2 tunes both.'),
    head,
    h(
      'div',
      { class: 'grid' },
      h('div', { class: 'half' }, panel('Level 0: loss', null, loss.element)),
      h('div', { class: 'half' }, panel('Level 0: exploring', null, spread.element)),
      h('div', { class: 'whole' }, panel('Policies published', null, published)),
      h('div', { class: 'whole' }, panel('Level 1: candidates and their verdicts', null, level1)),
      h('div', { class: 'whole' }, panel('Level 2: hyperparameters', null, level2)),
      h('div', { class: 'whole' }, tunes.element),
    ),
  );
  void refresher.run();
  return {
    title: 'Learning',
    element,
    summary(summary) {
      const key = `${summary.explorer.runs} ${summary.status?.policy_version}`;
      if (key !== seen) refresher.poke();
      seen = key;
    },
    leave: () => {
      refresher.stop();
      tunes.leave();
    },
  };
}

function publishedTable(answer: Learning): Node {
  if (answer.published.length === 0) return empty('No policy was published yet.');
  const newest = [...answer.published].reverse().slice(0, 20);
  return table('Policies published', [
    { title: 'Version', text: true, cell: (policy: (typeof newest)[0]) => `v${policy.version}` },
    { title: 'Time (UTC)', text: true, cell: (policy) => moment(policy.time) },
    { title: 'Templates', cell: (policy) => count(policy.templates) },
    { title: 'Hinted', cell: (policy) => count(policy.steered) },
  ], newest);
}

function policyTable(policies: PolicyVersion[], redraw: () => void): Node {
  if (policies.length === 0)
    return empty('No candidate was made yet. Level 1 makes one with hintd policy learn.');
  const decide = (policy: PolicyVersion, action: string, title: string, danger = false) =>
    h(
      'button',
      {
        type: 'button',
        class: danger ? 'danger' : '',
        onclick: () =>
          void change(
            { title: `${title} policy ${policy.id}`, text: `Policy ${policy.id} is ${policy.state}.`, action: title, danger },
            'POST',
            `policies/${policy.id}/decisions`,
            { action },
          ).then((changed) => changed && redraw()),
      },
      title,
    );
  return table<PolicyVersion>(
    'Policy versions',
    [
      { title: 'Version', text: true, cell: (policy) => h('a', { href: `/api/v1/policies/${policy.id}` }, `v${policy.id}`) },
      { title: 'State', text: true, cell: (policy) => h('span', {}, badge(policy.banned ? 'banned' : policy.state), policy.deployed ? ' serves' : '') },
      { title: 'Made (UTC)', text: true, cell: (policy) => moment(policy.made) },
      { title: 'After', cell: (policy) => `v${policy.parent}` },
      { title: 'Hinted', cell: (policy) => `${count(policy.steered)} of ${count(policy.templates)}` },
      { title: 'Gates', text: true, cell: ({ evidence }) => stageOf(evidence) },
      { title: 'From telemetry', text: true, cell: ({ evidence }) => offPolicy(evidence) },
      { title: 'Pinned', cell: ({ evidence }) => (number(evidence?.pins_checked) ? count(evidence.pins_checked) : '–') },
      { title: 'Measured', text: true, cell: ({ evidence }) => pairsOf(evidence) },
      { title: 'Withdrawn', cell: ({ evidence }) => (number(evidence?.withdrawn) ? count(evidence.withdrawn) : '–') },
      { title: 'Spent', cell: ({ evidence }) => (number(evidence?.spent_s) ? duration(evidence.spent_s * 1000) : '–') },
      { title: 'Verdict', text: true, wrap: true, cell: (policy) => policy.why || '–' },
      {
        title: 'Decide',
        text: true,
        cell: (policy) =>
          h(
            'div',
            { class: 'row' },
            policy.deployed ? decide(policy, 'rollback', 'Roll back', true) : null,
            !policy.deployed && policy.state === 'unapproved' ? decide(policy, 'approve', 'Approve') : null,
            !policy.deployed && policy.state === 'approved' ? decide(policy, 'deploy', 'Deploy') : null,
            !policy.deployed && policy.state !== 'rejected' ? decide(policy, 'reject', 'Reject', true) : null,
          ),
      },
    ],
    policies,
  );
}

const number = (value: unknown): value is number => typeof value === 'number';

function offPolicy(evidence: Evidence | null): string {
  const found = evidence?.off_policy;
  if (!found) return '–';
  if (!found.claimed) return `no claim (${count(found.samples)} samples)`;
  return `${number(found.saved) ? percent(found.saved) : '–'}, at least ${number(found.lower) ? percent(found.lower) : '–'}`;
}

function pairsOf(evidence: Evidence | null): string {
  if (!evidence || !number(evidence.saved_lower)) return '–';
  const over = number(evidence.over_deployed_lower) ? `, over the deployed ${percent(evidence.over_deployed_lower)}` : '';
  return `${String(evidence.pairs ?? '–')} pairs, at least ${percent(evidence.saved_lower)}${over}`;
}

function stageOf(evidence: Evidence | null): string {
  if (!evidence?.stage) return '–';
  return evidence.passed ? 'passed' : `stopped at ${words(evidence.stage)}`;
}

function metaOf(meta: Meta | null, curve: Chart): Node {
  if (!meta) return empty('No search was made yet. Level 2 searches with hintd meta.');
  const generations = meta.generations ?? [];
  const newest = generations[generations.length - 1];
  const names = Object.keys(newest?.settings ?? meta.champion ?? {});
  curve.show({
    x: generations.map((each) => each.generation),
    lines: [
      { label: 'best score', color: 'hinted', values: generations.map((each) => each.best.score) },
      { label: 'gain captured', color: 'default', style: 'dashed', values: generations.map((each) => each.best.gain_captured) },
    ],
  });
  return h(
    'div',
    {},
    h('p', {}, `Generation ${count(meta.generation)}, ${count(meta.population.length)} genomes.`),
    generations.length > 0 ? curve.element : null,
    newest ? h('h3', {}, 'Pareto front of the last generation') : null,
    newest
      ? table<Generation['front'][0]>('Pareto front: no other genome is better in everything', [
          { title: 'Gain captured', text: true, cell: ({ fitness }) => percent(fitness.gain_captured) },
          { title: 'Regressed', cell: ({ fitness }) => percent(fitness.regressed) },
          { title: 'Tail', cell: ({ fitness }) => times(fitness.tail_ratio) },
          { title: 'CPU', cell: ({ fitness }) => duration(fitness.cpu_s * 1000) },
          { title: 'Score', cell: ({ fitness }) => fitness.score.toFixed(3) },
        ], newest.front)
      : null,
    generations.length > 0 ? h('h3', {}, 'Hyperparameters of each generation’s best') : null,
    generations.length > 0
      ? table<Generation>('Hyperparameters over time', [
          { title: 'Generation', text: true, cell: (each) => String(each.generation) },
          ...names.map((name) => ({ title: words(name.slice(name.lastIndexOf('.') + 1)), cell: (each: Generation) => value(each.settings?.[name]) })),
        ], [...generations].reverse().slice(0, 20))
      : null,
    meta.champion
      ? h('details', {}, h('summary', {}, 'The champion’s hyperparameters'), table<[string, number]>('The champion’s hyperparameters', [
          { title: 'Hyperparameter', text: true, cell: ([name]) => h('span', { class: 'mono' }, name) },
          { title: 'Value', cell: ([, figure]) => value(figure) },
        ], Object.entries(meta.champion)))
      : null,
  );
}

function value(figure: unknown): string {
  return number(figure) ? String(Number(figure.toPrecision(4))) : String(figure ?? '–');
}
