const fetch = require('node-fetch');
const FormData = require('form-data');

const API_URL = `${process.env.API}/tunes/${process.env.TUNE_ID}/prompts`;
const API_KEY = process.env.API_KEY; // Replace with your actual API key
const headers = { Authorization: `Bearer ${API_KEY}` }

const form = new FormData();
form.append('prompt[text]', 'a painting of ohwx man in the style of Van Gogh');
form.append('prompt[negative_prompt]', 'old, blemish, wrin');
form.append('prompt[super_resolution]', true);
form.append('prompt[face_correct]', true);
form.append('prompt[callback]', process.env.CALLBACK);

fetch(API_URL, {
  method: 'POST',
  headers: headers,
  body: form
}).then(response => response.json())
  .then(data => console.log(JSON.stringify(data)));
