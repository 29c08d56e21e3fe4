// Arrow keys in a grid of pictures: left and right along the row, up and down to the picture that
// lies nearest in the next row.

/** @type {Record<string, (tiles: HTMLElement[], index: number) => HTMLElement | undefined>} */
const MOVES = {
  ArrowRight: (tiles, index) => tiles[index + 1],
  ArrowLeft: (tiles, index) => tiles[index - 1],
  ArrowDown: (tiles, index) => inNextRow(tiles.slice(index + 1), tiles[index]),
  ArrowUp: (tiles, index) => inNextRow(tiles.slice(0, index).reverse(), tiles[index]),
  Home: (tiles) => tiles[0],
  End: (tiles) => tiles.at(-1),
};

/** Of the tiles in reading order from here: the one of the next row whose middle is nearest. */
function inNextRow(/** @type {HTMLElement[]} */ tiles, /** @type {HTMLElement} */ from) {
  const box = from.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  let best;
  let bestDistance = Infinity;
  let row = NaN;
  for (const tile of tiles) {
    const { top, left, width } = tile.getBoundingClientRect();
    if (Math.abs(top - box.top) < 2) continue;
    if (Number.isNaN(row)) row = top;
    if (Math.abs(top - row) >= 2) break;
    const distance = Math.abs(left + width / 2 - middle);
    if (distance < bestDistance) [best, bestDistance] = [tile, distance];
  }
  return best;
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!(key in MOVES) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const tile = target instanceof Element ? target.closest("a.tile") : null;
  const grid = tile?.closest("[data-grid]");
  if (!grid) return;
  const tiles = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll("a.tile")]);
  const next = MOVES[key](tiles, tiles.indexOf(/** @type {HTMLElement} */ (tile)));
  event.preventDefault();
  next?.focus();
});
