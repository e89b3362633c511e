/* Contrast of every text that stands on a plain ground, after WCAG 2.2 (1.4.3); returns what falls below 4.5:1. */
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const colour = rgb(getComputedStyle(el).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const low = [];
  for (const el of document.querySelectorAll("body *")) {
    const hasText = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || !el.checkVisibility() || el.closest("svg, .vh")) continue;
    const text = luminance(rgb(getComputedStyle(el).color)), behind = luminance(ground(el));
    const ratio = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
    if (ratio < 4.5) low.push(`${el.tagName}.${el.className} ${ratio.toFixed(2)} ${el.textContent.trim().slice(0, 30)}`);
  }
  return low;
}
