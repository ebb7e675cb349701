/** A picture of figures: bars beside one another, or lines over a logarithmic axis. */
export type Plot = BarPlot | LinePlot;

export interface BarPlot {
  readonly kind: "bars";
  /** Name of the file, without its ending. */
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The lowest and the highest round. */
  readonly min: number;
  readonly max: number;
  /** One of ours: drawn in another colour. */
  readonly own: boolean;
}

export interface LinePlot {
  readonly kind: "lines";
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly { readonly label: string; readonly points: readonly Point[] }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Written beside the point. */
  readonly label?: string;
}
