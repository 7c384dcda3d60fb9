// How long requests take, counted in plain arrays: the histogram of prom-client makes four objects and two long texts for
// each value, which costs more than many a request. It gets the sums when somebody asks for them.

import { Histogram } from 'prom-client';
import type { MetricObjectWithValues, MetricType, MetricValueWithName, Registry } from 'prom-client';

type Label = 'route' | 'method' | 'status';

/** The types name an enumeration that does not exist at run time. */
const type = 'histogram' as unknown as MetricType;

interface Tally {
  readonly labels: Readonly<Record<Label, string>>;
  /** Values in each bucket, without those of the smaller ones; the last place is for what is above all bounds. */
  readonly counts: number[];
  sum: number;
}

export class RequestDurations extends Histogram<Label> {
  readonly #bounds: readonly number[];
  readonly #name: string;
  readonly #help: string;
  readonly #byRoute = new Map<string, Map<string, Map<string, Tally>>>();

  constructor(options: { name: string; help: string; buckets: readonly number[]; registers: Registry[] }) {
    const { name, help, buckets, registers } = options;
    super({ name, help, buckets: [...buckets], labelNames: ['route', 'method', 'status'], registers });
    this.#bounds = buckets;
    this.#name = name;
    this.#help = help;
  }

  /** @param seconds a finite number, as our own clock gives it */
  count(route: string, method: string, status: string, seconds: number): void {
    const tally =
      this.#byRoute.get(route)?.get(method)?.get(status) ?? this.#begin({ route, method, status });
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
    tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1;
    tally.sum += seconds;
  }

  #begin(labels: Tally['labels']): Tally {
    const tally = { labels, counts: [...this.#bounds, Infinity].map(() => 0), sum: 0 };
    const byMethod = this.#byRoute.get(labels.route) ?? new Map<string, Map<string, Tally>>();
    const byStatus = byMethod.get(labels.method) ?? new Map<string, Tally>();
    this.#byRoute.set(labels.route, byMethod.set(labels.method, byStatus.set(labels.status, tally)));
    return tally;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<Label>>> {
    const tallies = [...this.#byRoute.values()].flatMap((byMethod) =>
      [...byMethod.values()].flatMap((byStatus) => [...byStatus.values()]),
    );
    const values = tallies.flatMap((tally) => this.#samplesOf(tally));
    const collect = (): void => undefined;
    return { name: this.#name, help: this.#help, type, aggregator: 'sum', collect, values };
  }

  /** What the registry asks in the place of `get`, when it prints. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<Label>>> {
    return this.get();
  }

  #samplesOf({ labels, counts, sum }: Tally): MetricValueWithName<Label>[] {
    let total = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, index) => {
      total += counts[index] ?? 0;
      return { metricName: `${this.#name}_bucket`, labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: total },
    ];
  }
}
