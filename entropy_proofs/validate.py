def validate(model): pass
