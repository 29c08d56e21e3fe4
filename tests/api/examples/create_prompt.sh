curl -X POST -H "Authorization: Bearer $API_KEY" $API/tunes/$TUNE_ID/prompts \
          -F prompt[text]="a painting of ohwx man in the style of Van Gogh" \
          -F prompt[negative_prompt]="old, blemish, wrin" \
          -F prompt[super_resolution]=true \
          -F prompt[face_correct]=true \
          -F prompt[callback]="$CALLBACK"
