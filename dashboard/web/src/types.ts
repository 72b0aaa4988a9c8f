// What the API answers (see /api/v1/openapi.json). Latencies are milliseconds, times ISO 8601.
export interface Latency {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Saved {
  ms: number;
  half_width_ms: number;
  share: number | null;
  compared: number;
  left_out: number;
}

export interface SafetyEvent {
  id: number;
  time: string | null;
  name: string;
  template: string | null;
  template_name: string;
  detail: string;
}

export type Mode = 'observe' | 'advise' | 'steer';

export interface Status {
  mode: Mode;
  hints_on: boolean;
  policy_version: number;
  policy_templates: number;
  policy_steered: number;
  open_breakers: number;
  explorer_budget_s: number;
  explorer_share: number;
}

export interface Phase {
  name: string;
  state: 'done' | 'active' | 'ahead';
  started?: string | null;
  queries?: number;
  hinted?: number;
  explorer_runs?: number;
  latency_ms?: Latency;
}

export type TemplateState =
  | 'observed'
  | 'exploring'
  | 'verified'
  | 'pinned'
  | 'banned'
  | 'rolled_back';

export interface Summary {
  run: {
    id: number;
    command: string;
    server_version: string;
    outcome: string;
    started: string | null;
    now: string | null;
    duration_days: number;
  };
  history_read: number;
  status: Status | null;
  saved: { all: Saved; day: Saved };
  queries: number;
  queries_day: number;
  hinted: number;
  failures: number;
  timed_out: number;
  total_ms: number;
  latency_ms: { default: Latency; hinted: Latency };
  explorer: { runs: number; seconds: number };
  templates: { count: number } & Record<TemplateState, number>;
  safety: {
    events: number;
    taken_back: number;
    by_name: Record<string, number>;
    last: SafetyEvent[];
  };
  phases: Phase[];
  telemetry: { events: number; dropped: number; failed_batches: number };
}

export interface Mark {
  t: number;
  kind: 'phase' | 'policy' | 'anchor' | 'event';
  name: string;
}

type Column = (number | null)[];

export interface Traffic {
  from: string;
  to: string;
  queries: number;
  hinted: number;
  failures: number;
  timed_out: number;
  total_ms: number;
  latency_ms: Record<'default' | 'hinted', { p50: number; p95: number; p99: number } | null>;
  saved: Saved;
  explorer: { runs: number; seconds: number };
}

export interface SafetySeries {
  columns: { t: number[]; events: number[]; taken_back: number[] };
  marks: Mark[];
}

export interface Fitness {
  gain_captured: number;
  regressed: number;
  tail_ratio: number;
  cpu_s: number;
  score: number;
}

export interface Generation {
  generation: number;
  best: Fitness;
  settings?: Record<string, number>;
  front: { fitness: Fitness; settings: Record<string, number> }[];
}

export interface Meta {
  generation: number;
  population: unknown[];
  champion?: Record<string, number>;
  generations?: Generation[];
}

export interface Series {
  bucket_s: number;
  columns: {
    t: number[];
    queries: number[];
    hinted: number[];
    default_p50: Column;
    default_p95: Column;
    hinted_p50: Column;
    hinted_p95: Column;
    saved_ms: number[];
    saved_sum_ms: number[];
    explorer_runs: number[];
  };
  marks: Mark[];
}

export interface Ratio {
  value: number;
  low: number;
  high: number;
}

export interface TemplateLine {
  id: string;
  name: string;
  class: string;
  title: string;
  state: TemplateState;
  hint: string | null;
  reason: string;
  order: TemplateState | null;
  queries: number;
  hinted: number;
  failures: number;
  timed_out: number;
  explorer_runs: number;
  total_ms: number;
  share: number | null;
  saved_ms: number;
  saved_half_width_ms: number;
  ratio: Ratio | null;
  default: Latency;
  hinted_latency: Latency;
  last: string | null;
  spark: (number | null)[];
}

export interface TemplatePage {
  count: number;
  items: TemplateLine[];
  next: string | null;
}

export interface Bin {
  from_ms: number;
  to_ms: number;
  count: number;
}

export interface ArmEvidence {
  arm: string;
  users: number;
  explorer: number;
  timed_out: number;
  mean_ms: number | null;
  explorer_mean_ms: number | null;
  least_ms: number | null;
  last: string | null;
}

export interface DecisionLine {
  id: number;
  time: string | null;
  arm: string;
  reason: string;
  policy_version: number;
  latency_ms: number;
  deadline_ms: number | null;
  lost_ms: number;
  timed_out: boolean;
  error: string;
}

export interface Template extends TemplateLine {
  sql: string;
  ordered?: { order: TemplateState; arm: string; actor: string; why: string; time: string | null };
  over_time: {
    columns: { t: number[]; default: Column; hinted: Column; queries: number[] };
    marks: Mark[];
  };
  distribution: { default: Bin[]; hinted: Bin[] };
  arms: ArmEvidence[];
  decisions: DecisionLine[];
  events: SafetyEvent[];
}

export interface PlanNode {
  type: string;
  join_type: string;
  strategy: string;
  relation: string;
  index: string;
  detail: string;
  rows: number | null;
  actual_rows: number | null;
  cost: number | null;
  children: PlanNode[];
}

export interface Explanation {
  template: string;
  normalized: string;
  arm: string;
  reason: string;
  policy_version: number;
  patience_ms: number;
  set_sql: string;
  default_plan: PlanNode;
  arm_plan: PlanNode;
}

// What a candidate's validation found, gate by gate; members come as far as it went.
export interface Evidence {
  stage?: string;
  passed?: boolean;
  pins_checked?: number;
  pairs?: number;
  withdrawn?: number;
  off_policy?: { claimed?: boolean; samples?: number; lower?: number; saved?: number };
  saved_lower?: number;
  over_deployed_lower?: number;
  spent_s?: number;
}

export interface PolicyVersion {
  id: number;
  parent: number;
  state: string;
  banned: boolean;
  deployed: boolean;
  made: string | null;
  templates: number;
  steered: number;
  why: string;
  evidence: Evidence | null;
}

export interface Learning {
  level0: {
    columns: { step: number[]; loss: Column; epsilon: Column; q_spread: Column };
    replay_size: number | null;
  };
  published: { time: string | null; version: number; templates: number; steered: number }[];
  level1: { policies: PolicyVersion[] };
  level2: Meta | null;
}

export interface TuneRun {
  id: number;
  state: 'running' | 'completed' | 'interrupted' | 'failed';
  started: string | null;
  budget_s: number;
  statements: number;
  actor: string;
  why: string;
  detail: string;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface AuditLine {
  line: number;
  time: string | null;
  actor: string;
  action: string;
  subject: string;
  detail: string;
}

export interface Anchor {
  name: string;
  until: string | null;
  policy: number;
  templates: number;
}

export interface System {
  server_version: string;
  store: {
    bytes: number | null;
    free_bytes: number | null;
    rows: number;
    events: number;
    dropped: number;
    failed_batches: number;
  };
  gauges: { name: string; value: number; limit: number | null }[];
  jobs: { name: string; last: string | null; next: string | null; detail: string }[];
  log: string[];
}
