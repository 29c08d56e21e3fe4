const fetch = require('node-fetch');
const API_KEY = process.env.API_KEY;
const headers = { Authorization: `Bearer ${API_KEY}` };
fetch(`${process.env.API}/tunes/${process.env.TUNE_ID}/prompts/${process.env.PROMPT_ID}`, { headers: headers })
  .then(response => response.json())
  .then(data => console.log(JSON.stringify(data)));
