// Choices that last from visit to visit; where storage is refused they last while the page is open.
const held = new Map<string, string>();

export function remembered(key: string, otherwise: string): string {
  try {
    return localStorage.getItem(`gradus.${key}`) ?? otherwise;
  } catch {
    return held.get(key) ?? otherwise;
  }
}

export function remember(key: string, value: string): void {
  held.set(key, value);
  try {
    localStorage.setItem(`gradus.${key}`, value);
  } catch {
    // Storage may be switched off or full.
  }
}
