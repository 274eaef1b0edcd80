import type { SandboxFault } from "presswork-client";
import { expect, test } from "vitest";
import { isOn, PRESETS, type Preset, setFaultsOf } from "./faultPresets";

function presetOf(id: string): Preset {
  const found = PRESETS.find((preset) => preset.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

/** The faults that a preset's switch sets. */
function setBy(preset: Preset): SandboxFault[] {
  return preset.faults.map((fault, position) => ({
    id: position + 1,
    handle: null,
    times: -1,
    skip: 0,
    fired: 0,
    value: {},
    ...fault,
  }));
}

test("each preset is on by its own faults alone", () => {
  for (const preset of PRESETS) {
    const faults = setBy(preset);
    expect(PRESETS.filter((one) => isOn(one, faults)).map((one) => one.id)).toEqual([preset.id]);
    expect(setFaultsOf(preset, faults)).toEqual(faults);
  }
});

test("a part of a preset, a fault of one account and one that ends do not count as on", () => {
  const preset = presetOf("tiktok-down");
  const [first, second] = setBy(preset);
  if (first === undefined || second === undefined) throw new Error("two faults");
  expect(isOn(preset, [first])).toBe(false);
  expect(isOn(preset, [first, { ...second, handle: "luna" }])).toBe(false);
  expect(isOn(preset, [first, { ...second, times: 3 }])).toBe(false);
});
