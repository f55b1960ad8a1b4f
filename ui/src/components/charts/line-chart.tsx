import { Line, LineChart as Chart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

export interface LinePoint {
  at: number;
  value: number | null;
  running: number | null;
  before: number | null;
}

interface LineChartProps {
  points: readonly LinePoint[];
  ticks: readonly number[];
  color: string;
  label: string;
  beforeLabel: string;
  formatValue: (value: number) => string;
  formatTime: (at: number) => string;
}

/** The house style: one thin line, dotted where more may come, the period before as a dashed ghost, nothing where nothing was measured. */
export function LineChart({ points, ticks, color, label, beforeLabel, formatValue, formatTime }: LineChartProps) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <Chart data={[...points]} margin={{ top: 12, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <XAxis dataKey="at" type="number" domain={["dataMin", "dataMax"]} ticks={[...ticks]} tickFormatter={formatTime} tick={{ fontSize: 11, fill: "var(--muted-foreground)" }} tickLine={false} axisLine={{ stroke: "var(--border)" }} minTickGap={56} />
        <YAxis width={56} tickFormatter={formatValue} tick={{ fontSize: 11, fill: "var(--muted-foreground)" }} tickLine={false} axisLine={false} tickCount={4} />
        <ReferenceLine y={0} stroke="var(--line)" />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--border)" }}
          content={({ active, payload }) => {
            const point = (payload as readonly { payload?: LinePoint }[] | undefined)?.[0]?.payload;
            if (!active || point === undefined) return null;
            const value = point.value ?? point.running;
            return (
              <div className="rounded-md bg-raised px-2.5 py-1.5 text-xs shadow-(--shadow)">
                <div className="text-muted-foreground tabular-nums">{formatTime(point.at)}</div>
                <div className="mt-0.5 font-semibold tabular-nums">
                  {label} {value === null ? "–" : formatValue(value)}
                </div>
                {point.before !== null && (
                  <div className="text-muted-foreground tabular-nums">
                    {beforeLabel} {formatValue(point.before)}
                  </div>
                )}
              </div>
            );
          }}
        />
        <Line type="linear" dataKey="before" stroke="var(--faint)" strokeWidth={1} strokeDasharray="3 4" dot={false} activeDot={false} isAnimationActive={false} />
        <Line type="linear" dataKey="running" stroke={color} strokeWidth={1.75} strokeDasharray="1 4" strokeLinecap="round" dot={false} activeDot={{ r: 3 }} isAnimationActive={false} connectNulls={false} />
        <Line type="linear" dataKey="value" stroke={color} strokeWidth={1.75} dot={false} activeDot={{ r: 3 }} isAnimationActive={false} connectNulls={false} />
      </Chart>
    </ResponsiveContainer>
  );
}
