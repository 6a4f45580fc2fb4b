// The form's choices, as a link's text and as the server takes them.
export interface Settings {
  data: string;
  examples: number;
  classes: number;
  noise: number;
  test: number;
  layers: number;
  width: number;
  activation: string;
  batch_norm: boolean;
  skip: boolean;
  dropout: number;
  initializer: string; // "": the library's own
  loss: string; // "": as the data ask
  optimizer: string;
  lr: number;
  momentum: number;
  l1: number;
  l2: number;
  batch_size: number;
  seed: number;
}

export const defaults: Settings = {
  data: "moons",
  examples: 300,
  classes: 3,
  noise: 0.15,
  test: 0.3,
  layers: 2,
  width: 8,
  activation: "tanh",
  batch_norm: false,
  skip: false,
  dropout: 0,
  initializer: "",
  loss: "",
  optimizer: "adam",
  lr: 0.01,
  momentum: 0.9,
  l1: 0,
  l2: 0,
  batch_size: 32,
  seed: 1,
};

// An upload stays on the page: links do not hold it.
export interface Upload {
  name: string;
  text: string;
}

type Value = Settings[keyof Settings];

// Those that differ from the defaults, as "data=spirals&lr=0.03".
export function toLink(settings: Settings): string {
  const entries = Object.entries(settings) as [keyof Settings, Value][];
  return entries.filter(([key, value]) => value !== defaults[key]).map(([key, value]) => `${key}=${value}`).join("&");
}

// Unknown keys and values of another type are left out; the server says what else is wrong.
export function fromLink(text: string): Settings {
  const settings: Record<string, Value> = { ...defaults };
  for (const part of text.split("&")) {
    const [key = "", value = ""] = part.split("=", 2);
    const standard = (defaults as unknown as Record<string, Value>)[key];
    if (standard === undefined) continue;
    if (typeof standard === "number") {
      if (value !== "" && Number.isFinite(Number(value))) settings[key] = Number(value);
    } else if (typeof standard === "boolean") {
      settings[key] = value === "true";
    } else if (/^[a-z0-9_]*$/.test(value)) {
      settings[key] = value;
    }
  }
  return settings as unknown as Settings;
}

export function toRequest(settings: Settings, upload: Upload | null, takesMomentum: boolean): Record<string, unknown> {
  const { layers, width, loss, momentum, data, ...others } = settings;
  return {
    ...others,
    data,
    hidden: Array.from({ length: Math.min(Math.max(layers, 0), 1000) }, () => width),
    ...(loss === "" ? {} : { loss }),
    ...(takesMomentum ? { momentum } : {}),
    ...(data === "csv" && upload ? { csv: upload.text } : {}),
  };
}
