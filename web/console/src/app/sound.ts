// Two short sounds, made here: no file to load, and quiet enough for a day.

const NOTES = {
  ping: [[880, 0]],
  chime: [
    [659, 0],
    [880, 0.12],
  ],
} as const;

let context: AudioContext | null = null;

/** Plays a sound, where the browser permits it. */
export function play(sound: keyof typeof NOTES): void {
  if (!navigator.userActivation?.hasBeenActive) return;
  try {
    context ??= new AudioContext();
    const { currentTime, destination } = context;
    for (const [pitch, delay] of NOTES[sound]) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const begins = currentTime + delay;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begins);
      volume.gain.exponentialRampToValueAtTime(0.08, begins + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.0001, begins + 0.3);
      tone.connect(volume).connect(destination);
      tone.start(begins);
      tone.stop(begins + 0.32);
    }
  } catch {
    // No sound device, or not permitted before the first click.
  }
}
