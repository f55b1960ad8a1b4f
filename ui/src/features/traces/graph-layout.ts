/** Places the agents of a graph in layers from left to right, so that work mostly flows one way. */

export interface LayoutEdge {
  from: string;
  to: string;
}

export interface Place {
  /** From the left, counted in layers. */
  layer: number;
  /** From the top, counted in nodes; layers with fewer nodes stand in the middle. */
  row: number;
}

/** How often the order inside the layers is bettered. */
const SWEEPS = 6;

/** A place for every node. `nodes` in the order in which they first spoke: who spoke first stands first where nothing else decides. */
export function layoutGraph(nodes: readonly string[], edges: readonly LayoutEdge[]): Map<string, Place> {
  const known = new Set(nodes);
  const proper = edges.filter((edge) => edge.from !== edge.to && known.has(edge.from) && known.has(edge.to));
  const forward = withoutCircles(nodes, proper);
  const layers = orderLayers(layersOf(nodes, forward), forward);
  const tallest = layers.reduce((most, layer) => Math.max(most, layer.length), 0);
  const places = new Map<string, Place>();
  layers.forEach((layer, index) => layer.forEach((node, row) => places.set(node, { layer: index, row: row + (tallest - layer.length) / 2 })));
  return places;
}

/** Edges that lead back to where one came from are turned around: they count for the layers, not for the drawing. */
function withoutCircles(nodes: readonly string[], edges: readonly LayoutEdge[]): LayoutEdge[] {
  const out = group(edges, (edge) => edge.from);
  const state = new Map<string, "open" | "done">();
  const turned = new Set<LayoutEdge>();
  for (const root of nodes) {
    if (state.has(root)) continue;
    const stack: { node: string; rest: LayoutEdge[] }[] = [{ node: root, rest: [...(out.get(root) ?? [])] }];
    state.set(root, "open");
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = top.rest.shift();
      if (edge === undefined) {
        state.set(top.node, "done");
        stack.pop();
      } else if (state.get(edge.to) === "open") turned.add(edge);
      else if (!state.has(edge.to)) {
        state.set(edge.to, "open");
        stack.push({ node: edge.to, rest: [...(out.get(edge.to) ?? [])] });
      }
    }
  }
  return edges.map((edge) => (turned.has(edge) ? { from: edge.to, to: edge.from } : edge));
}

/** A node stands one layer behind the last of those that hand over to it. */
function layersOf(nodes: readonly string[], edges: readonly LayoutEdge[]): string[][] {
  const into = new Map(nodes.map((node) => [node, 0]));
  for (const edge of edges) into.set(edge.to, (into.get(edge.to) ?? 0) + 1);
  const out = group(edges, (edge) => edge.from);
  const layer = new Map(nodes.map((node) => [node, 0]));
  const ready = nodes.filter((node) => into.get(node) === 0);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    for (const { to } of out.get(node) ?? []) {
      layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(node) ?? 0) + 1));
      const left = (into.get(to) ?? 1) - 1;
      into.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const layers: string[][] = [];
  for (const node of nodes) (layers[layer.get(node) ?? 0] ??= []).push(node);
  return [...layers].map((one) => (one as string[] | undefined) ?? []);
}

/** Each node goes to the middle of its neighbors, forwards and backwards, so that few edges cross. */
function orderLayers(layers: string[][], edges: readonly LayoutEdge[]): string[][] {
  const before = group(edges, (edge) => edge.to, (edge) => edge.from);
  const after = group(edges, (edge) => edge.from, (edge) => edge.to);
  let ordered = layers;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const neighbors = sweep % 2 === 0 ? before : after;
    const rows = new Map(ordered.flatMap((layer) => layer.map((node, row): [string, number] => [node, row - (layer.length - 1) / 2])));
    ordered = ordered.map((layer) => {
      const middle = (node: string) => {
        const those = neighbors.get(node) ?? [];
        return those.length === 0 ? (rows.get(node) ?? 0) : those.reduce((sum, one) => sum + (rows.get(one) ?? 0), 0) / those.length;
      };
      return layer.map((node) => ({ node, at: middle(node) })).sort((a, b) => a.at - b.at).map(({ node }) => node);
    });
  }
  return ordered;
}

function group<T, V = T>(items: readonly T[], key: (item: T) => string, value: (item: T) => V = (item) => item as unknown as V): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const item of items) {
    const those = groups.get(key(item));
    if (those === undefined) groups.set(key(item), [value(item)]);
    else those.push(value(item));
  }
  return groups;
}
