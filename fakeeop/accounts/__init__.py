"""The submission endpoint's rules: who may sign in, as whom they may send, how much. Pure: values in, values out."""
