import os

import requests

API_URL = f"{os.environ['API']}/tunes/{os.environ['TUNE_ID']}/prompts"
API_KEY = os.environ['API_KEY']  # Replace with your actual API key
prompt = {'input_image': os.environ['INPUT_IMAGE']}


def load_image(file_path):
    with open(file_path, "rb") as f:
        return (os.path.basename(file_path), f.read())


headers = {
    'Authorization': f'Bearer {API_KEY}'
}

data = {
  'prompt[text]': 'a painting of ohwx man in the style of Van Gogh',
  'prompt[negative_prompt]': 'old, blemish, wrin',
  'prompt[super_resolution]': True,
  'prompt[face_correct]': True,
  'prompt[callback]': os.environ['CALLBACK']
}
files = []
files.append((f"prompt[input_image]", load_image(prompt['input_image'])))

response = requests.post(API_URL, headers=headers, files=files, data=data)
print(response.text)
