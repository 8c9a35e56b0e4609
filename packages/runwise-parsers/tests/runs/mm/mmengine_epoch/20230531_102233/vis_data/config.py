optimizer = dict(lr=0.1, type='SGD')
runner = dict(max_epochs=3)
