module.exports = globalThis.FormData;
